"""A fake server for each test, a client and an index there; what was sent against the description fails the test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.meilisearch.client import MeilisearchClient
from adapters.meilisearch.index import MeilisearchIndex
from tests.meilisearch.fake import KEY, FakeMeilisearch
from tests.meilisearch.shop import Shelf, an_index


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


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def index(client: MeilisearchClient, shelf: Shelf) -> MeilisearchIndex:
    made = await an_index(client, shelf)
    await made.rebuild(lambda *_: None)
    return made
