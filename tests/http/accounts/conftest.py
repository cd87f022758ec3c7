"""A client of a shop in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest
from dishka import AsyncContainer

from entrypoints.container import make_memory_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import opened


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[AsyncContainer]:
    """In memory: the use cases have been seen on PostgreSQL already."""
    made = make_memory_container(settings)
    yield made
    await made.close()


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(settings, container)) as client:
        client.base_url = httpx.URL("http://localhost:8000/api/auth/")
        yield client
