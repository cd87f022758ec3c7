"""Who calls: anybody, and a manager of the catalogue."""

from collections.abc import AsyncIterator

import httpx
import pytest
from dishka import AsyncContainer

from domain.accounts import Role
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.catalog.asking import Caller, caller
from tests.http.conftest import opened


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(settings, container)) as client:
        yield client


@pytest.fixture
async def anyone(client: httpx.AsyncClient) -> Caller:
    return Caller(client, {})


@pytest.fixture
async def staff(container: AsyncContainer, client: httpx.AsyncClient) -> Caller:
    return await caller(container, client, Role.CATALOG_MANAGER)
