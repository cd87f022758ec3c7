"""A fake server for each test, and a client to it; whatever was sent against the description fails the test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.meilisearch.client import MeilisearchClient
from tests.meilisearch.fake import KEY, FakeMeilisearch


@pytest.fixture
def server() -> Iterator[FakeMeilisearch]:
    fake = FakeMeilisearch()
    yield fake
    fake.stop()
    assert fake.breaches == []


@pytest.fixture
async def client(server: FakeMeilisearch) -> AsyncIterator[MeilisearchClient]:
    made = MeilisearchClient(server.url, KEY)
    yield made
    await made.close()
