"""A shop that searches with Meilisearch: it hears of changes, others answer while it is away, and it catches up."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest
from dishka import Provider, Scope

from application.catalog.categorising import CategoryChanges, ChangeCategory, CreateCategory, NewCategory
from application.catalog.changing import ChangeProduct, DeleteProduct
from application.catalog.inputs import ProductChanges
from application.catalog.wishes import ProductFilter
from application.outbox import Patience, Subscribers
from application.ports import PageRequest, Unavailable
from application.search.index import Query, SearchIndex
from application.search.indexing import TendIndex
from domain.accounts import Actor
from entrypoints.observing import Probes
from entrypoints.searching import reindex
from entrypoints.settings import Settings
from entrypoints.shop import Shop, open_shop
from tests.audit import audit
from tests.conftest import on_machines
from tests.meilisearch.fake import KEY, FakeMeilisearch

INDEX = "tradepost_products_1"


@pytest.fixture
async def server() -> AsyncIterator[FakeMeilisearch]:
    fake = FakeMeilisearch()
    yield fake
    fake.stop()
    assert fake.breaches == []


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, settings: Settings, server: FakeMeilisearch) -> AsyncIterator[Shop]:
    made = settings if request.param == "memory" else on_machines(request, settings)
    searching = msgspec.structs.replace(made, meili_url=server.url, meili_key=KEY)
    prompt = Provider(scope=Scope.APP)
    prompt.provide(lambda: Patience(first=timedelta(milliseconds=20)), provides=Patience)
    async with open_shop(searching, prompt) as opened:
        await (await opened.get(TendIndex))()
        yield opened
        await opened.run_jobs()
        await audit(opened.container)


async def names(shop: Shop, q: str = "", *, staff: bool = False, **wanted: object) -> list[str]:
    index = await shop.get(SearchIndex)
    query = Query(q=q, filter=ProductFilter(**wanted))  # type: ignore[arg-type]
    found = await index.search(query, PageRequest(20), staff=staff)
    return sorted(item.name for item in found.results)


def indexed(server: FakeMeilisearch) -> list[str]:
    return sorted(document["name"] for document in server.indexes[INDEX].documents.values())


async def test_a_change_of_a_product_is_found_when_its_event_was_delivered(shop: Shop, server: FakeMeilisearch) -> None:
    lamp = await shop.has("LAMP", name="Lamp")
    await shop.run_jobs()
    assert (await names(shop, "lamp"), indexed(server)) == (["Lamp"], ["Lamp"])
    change = await shop.get(ChangeProduct)
    await change(Actor.shop(), lamp.slug, ProductChanges(name="Lantern"))
    await shop.run_jobs()
    assert (await names(shop, "lanter"), indexed(server)) == (["Lantern"], ["Lantern"])
    await change(Actor.shop(), lamp.slug, ProductChanges(is_active=False))
    assert await names(shop, "lantern") == []  # before any event was delivered
    await (await shop.get(DeleteProduct))(Actor.shop(), lamp.slug)
    await shop.run_jobs()
    assert indexed(server) == []


async def test_what_is_sold_out_is_in_stock_no_longer_and_again_when_the_order_is_cancelled(shop: Shop) -> None:
    await shop.has("LAMP", name="Lamp", stock=1)
    await shop.run_jobs()
    assert await names(shop, in_stock=True) == ["Lamp"]
    ann = await shop.customer("ann@example.com")
    await ann.add("LAMP")
    order = await ann.checkout()
    await shop.run_jobs()
    assert (await names(shop, in_stock=True), await names(shop, in_stock=False)) == ([], ["Lamp"])
    await ann.cancel(order)
    await shop.run_jobs()
    assert await names(shop, in_stock=True) == ["Lamp"]


async def test_a_category_that_is_renamed_is_found_by_its_new_name(shop: Shop) -> None:
    await (await shop.get(CreateCategory))(Actor.shop(), NewCategory(name="Lights"))
    await shop.has("LAMP", name="Torch", category="lights")
    await shop.run_jobs()
    assert await names(shop, "lights") == ["Torch"]
    await (await shop.get(ChangeCategory))(Actor.shop(), "lights", CategoryChanges(name="Brightness"))
    await shop.run_jobs()
    assert (await names(shop, "brightness"), await names(shop, "lights")) == (["Torch"], [])


async def test_while_meilisearch_is_away_the_catalogue_answers_and_afterwards_it_catches_up(
    shop: Shop, server: FakeMeilisearch
) -> None:
    await shop.has("LAMP", name="Lamp")
    await shop.run_jobs()
    index = await shop.get(SearchIndex)
    with server.away():
        await shop.has("SOFA", name="Sofa")
        await shop.deliver_events()
        asked = len(server.asked)
        assert await names(shop, "sofa") == ["Sofa"]
        assert [one.name for one in await index.suggest("so")] == ["Sofa"]
    assert indexed(server) == ["Lamp"]
    async with asyncio.timeout(30):
        while indexed(server) != ["Lamp", "Sofa"]:
            await asyncio.sleep(0.02)
            await shop.deliver_events()
    assert len(server.asked) > asked


async def test_a_task_that_fails_is_tried_again(shop: Shop, server: FakeMeilisearch) -> None:
    server.failing = ["internal", "internal"]
    await shop.has("LAMP", name="Lamp")
    async with asyncio.timeout(30):
        while indexed(server) != ["Lamp"]:
            await asyncio.sleep(0.02)
            await shop.deliver_events()
    assert server.failing == []


async def test_an_index_that_was_lost_is_built_again_and_what_no_event_told_is_found(
    shop: Shop, server: FakeMeilisearch
) -> None:
    await shop.has("LAMP", name="Lamp")
    await shop.run_jobs()
    tend = await shop.get(TendIndex)
    server.indexes.clear()
    assert await names(shop, "lamp") == ["Lamp"]
    await tend()
    assert indexed(server) == ["Lamp"]
    server.indexes[INDEX].documents.clear()
    await tend()
    assert indexed(server) == ["Lamp"]


async def test_a_reindex_finds_everything(shop: Shop, server: FakeMeilisearch) -> None:
    for number in range(3):
        await shop.has(f"LAMP-{number}", name=f"Lamp {number}")
    steps: list[tuple[int, int]] = []
    index = await shop.get(SearchIndex)
    assert await index.rebuild(lambda done, total: steps.append((done, total))) == 3
    assert (indexed(server), steps[-1]) == (["Lamp 0", "Lamp 1", "Lamp 2"], (3, 3))


@pytest.mark.parametrize("searching", [True, False])
async def test_the_command_says_what_it_indexed_and_where(
    request: pytest.FixtureRequest,
    settings: Settings,
    server: FakeMeilisearch,
    capsys: pytest.CaptureFixture[str],
    searching: bool,
) -> None:
    made = on_machines(request, settings)
    async with open_shop(made) as shop:
        await shop.has("LAMP", name="Lamp")
    where = "PostgreSQL's own index"
    if searching:
        made = msgspec.structs.replace(made, meili_url=server.url, meili_key=KEY)
        where = "Meilisearch, and in PostgreSQL's own index"
    await reindex(made)
    assert capsys.readouterr().out == f"1 products indexed in {where}.\n"
    assert list(server.indexes) == ([INDEX] if searching else [])


async def test_health_is_degraded_while_meilisearch_is_away(shop: Shop, server: FakeMeilisearch) -> None:
    search = (await shop.get(Probes))["search"]
    assert await search()
    with server.away(), pytest.raises(Unavailable):
        await search()


async def test_without_meilisearch_nobody_is_told_of_what_changes(settings: Settings) -> None:
    async with open_shop(settings) as shop:
        told = {name for _, name in (await shop.get(Subscribers)).subscriptions}
    assert not {name for name in told if name.startswith("Index")}
