"""The index on a real Meilisearch. It deletes nothing but indexes of its own, which it names at random."""

import os
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from adapters.meilisearch.client import MeilisearchClient, MeilisearchRefused, TaskFailed
from adapters.meilisearch.index import MeilisearchIndex
from adapters.meilisearch.shelf import Shelves
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest
from application.search.index import Query
from tests.meilisearch.shop import Shelf, a_document, an_index
from tests.meilisearch.truth import FILTERS, check_facets, many

URL = os.environ.get("MEILI_URL", "")

pytestmark = pytest.mark.skipif(
    not URL, reason="NOT TRIED ON A REAL MEILISEARCH: `MEILI_URL=http://… MEILI_KEY=… make test-live` does"
)


@pytest.fixture
async def client() -> AsyncIterator[MeilisearchClient]:
    made = MeilisearchClient(URL, os.environ.get("MEILI_KEY"))
    yield made
    await made.close()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def index(client: MeilisearchClient, shelf: Shelf) -> AsyncIterator[MeilisearchIndex]:
    name = f"live_{uuid4().hex}"
    made = await an_index(client, shelf, name)
    await made.rebuild(lambda *_: None)
    yield made
    for uid in (Shelves(client, name).live, Shelves(client, name).next):
        try:
            await client.change("DELETE", f"/indexes/{uid}")
        except (MeilisearchRefused, TaskFailed) as error:
            assert error.code == "index_not_found"


async def names(index: MeilisearchIndex, q: str = "", **wanted: Any) -> list[str]:
    found = await index.search(Query(q=q, filter=ProductFilter(**wanted)), PageRequest(20))
    return [item.name for item in found.results]


async def test_a_real_server_finds_forgives_and_forgets(index: MeilisearchIndex, shelf: Shelf) -> None:
    lamp, chair = a_document("Desk Lamp", skus=["LAMP-1"], tags=['a "b" \\ c']), a_document("Chair")
    shelf.put(lamp, chair)
    await index.refresh([lamp.id, chair.id])
    assert await names(index, "desk lapm") == ["Desk Lamp"]
    assert await names(index, "LAMP-1") == ["Desk Lamp"]
    assert await names(index, tags=('a "b" \\ c',)) == ["Desk Lamp"]
    assert await names(index, "zzzzzz") == []
    assert [one.name for one in await index.suggest("cha")] == ["Chair"]
    del shelf.held[lamp.id]
    await index.refresh([lamp.id])
    assert await names(index, "lamp") == []


async def test_a_real_server_orders_and_pages(index: MeilisearchIndex, shelf: Shelf) -> None:
    shelf.put(*(a_document(name, price=price) for name, price in (("b", 3), ("Z", 1), ("ä", 2))))
    await index.refresh([*shelf.held])
    for ordering, expected in (("name", "Zbä"), ("-price", "bäZ"), ("price", "Zäb")):
        found = await index.search(Query(ordering=ordering), PageRequest(20))  # type: ignore[arg-type]
        assert "".join(item.name for item in found.results) == expected
    first = await index.search(Query(ordering="price"), PageRequest(2))
    second = await index.search(Query(ordering="price"), PageRequest(2, first.next))
    assert ([item.name for item in second.results], second.next) == (["b"], None)


async def test_a_real_server_counts_facets_as_the_list_does(index: MeilisearchIndex, shelf: Shelf) -> None:
    documents = many()
    shelf.put(*documents)
    await index.refresh([*shelf.held])
    for wanted in FILTERS:
        check_facets((await index.search(Query(filter=wanted), PageRequest(20))).facets, documents, wanted)


async def test_a_real_server_swaps_indexes(index: MeilisearchIndex, shelf: Shelf) -> None:
    shelf.put(*(a_document(f"Lamp {n}") for n in range(7)))
    assert await index.rebuild(lambda *_: None) == 7
    assert len(await names(index, "lamp")) == 7
    assert await index.rebuild(lambda *_: None) == 7
    assert await index.is_there()
