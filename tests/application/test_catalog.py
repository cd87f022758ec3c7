"""How staff change the catalogue, and what becomes of stock and of open orders by it."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from dishka import AsyncContainer

from application.catalog.changing import ChangeProduct, CreateProduct, DeleteProduct
from application.catalog.inputs import NewProduct, ProductChanges
from application.catalog.ranking import RankProducts
from application.catalog.views import CatalogViews
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, PreconditionFailed
from domain.accounts import Actor, Role
from domain.catalog import ProductNotFound, ProductUnavailable
from domain.errors import Forbidden
from domain.inventory import Movement, Reason
from domain.ordering import OrderId, OrderPaid
from domain.slugs import SlugTaken
from domain.variants import SkuTaken
from tests.application.desk import MANAGER, Desk, amount, sizes
from tests.builders import NOW


@pytest.fixture
async def desk(container: AsyncContainer) -> Desk:
    return Desk(container)


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.ORDER_MANAGER, Role.ANALYST])
async def test_only_catalogue_managers_change_the_catalogue(container: AsyncContainer, role: Role | None) -> None:
    who = Actor(roles=frozenset({role} if role else ()))
    new = NewProduct(name="Lamp", price=amount("1"), sku="LAMP")
    with pytest.raises(Forbidden):
        await (await container.get(CreateProduct))(who, new)
    with pytest.raises(Forbidden):
        await (await container.get(ChangeProduct))(who, "lamp", ProductChanges())
    with pytest.raises(Forbidden):
        await (await container.get(DeleteProduct))(who, "lamp")


async def test_what_is_answered_is_what_is_shown(desk: Desk) -> None:
    created = await desk.create("Shirt", variants=sizes(S=3, L=0), tags=["new"], cost_per_item=amount("4"))
    assert created == await desk.shown("shirt")
    changed = await desk.change("shirt", name="Blouse", variants=sizes(L=2), stock_quantity=0)
    assert changed == await desk.shown("shirt")
    assert (changed.stock_quantity, changed.on_hand, [one.sku for one in changed.variants]) == (2, 2, ["SHIRT-L"])


async def test_twenty_products_of_one_name_get_twenty_slugs(desk: Desk) -> None:
    made = await asyncio.gather(*(desk.create("Lamp", sku=f"LAMP-{n}") for n in range(20)))
    slugs = {one.slug for one in made}
    assert (len(slugs), "lamp" in slugs, all(slug.startswith("lamp") for slug in slugs)) == (20, True, True)


async def test_of_many_who_want_one_sku_or_slug_one_gets_it(desk: Desk) -> None:
    made = await asyncio.gather(*(desk.create("Lamp") for _ in range(8)), return_exceptions=True)
    assert made.count(SkuTaken("LAMP")) == 7
    slugs = (desk.create("Sofa", sku=f"SOFA-{n}", slug="the-sofa") for n in range(8))
    outcomes = await asyncio.gather(*slugs, return_exceptions=True)
    assert [type(one) for one in outcomes].count(SlugTaken) == 7


async def test_two_who_change_different_fields_both_have_their_way(desk: Desk) -> None:
    await desk.create("Lamp")
    changes: list[dict[str, Any]] = [
        {"name": "Light"},
        {"price": amount("12")},
        {"tags": ["new"]},
        {"is_featured": True},
    ]
    await asyncio.gather(*(desk.change("lamp", **change) for change in changes))
    found = await desk.shown("lamp")
    assert (found.name, found.price, found.tags, found.is_featured) == ("Light", "12.00", ("new",), True)


async def test_thirty_changes_at_once_are_all_made(desk: Desk) -> None:
    await desk.create("Lamp")
    await asyncio.gather(*(desk.change("lamp", stock_quantity=n + 1, low_stock_threshold=n) for n in range(30)))
    found, stock = await desk.shown("lamp"), await desk.shop.stock("LAMP")
    assert found.stock_quantity == found.low_stock_threshold + 1
    assert stock.low_stock_threshold == found.low_stock_threshold
    assert stock.version == 31


async def test_of_two_who_mean_the_same_version_one_is_refused(desk: Desk, container: AsyncContainer) -> None:
    await desk.create("Lamp")
    change = await container.get(ChangeProduct)
    tries = (change(MANAGER, "lamp", ProductChanges(name=f"Lamp {n}"), {1}) for n in range(4))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in outcomes].count(PreconditionFailed) == 3


async def test_stock_is_set_beside_what_orders_hold(desk: Desk) -> None:
    await desk.create("Lamp", stock_quantity=5)
    ann = await desk.shop.customer("ann@example.com")
    await ann.buy("LAMP", 2)
    changed = await desk.change("lamp", stock_quantity=1)
    assert (changed.stock_quantity, changed.on_hand, changed.reserved) == (1, 3, 2)
    assert (await desk.change("lamp", stock_quantity=0)).on_hand == 2


async def test_a_new_threshold_reaches_the_stock(desk: Desk) -> None:
    await desk.create("Lamp", stock_quantity=5)
    assert (await desk.change("lamp", low_stock_threshold=4)).is_low_stock is False
    assert (await desk.shop.stock("LAMP")).low_stock_threshold == 4


async def test_a_new_sku_takes_the_stock_along(desk: Desk) -> None:
    await desk.create("Lamp", stock_quantity=5)
    changed = await desk.change("lamp", sku="LIGHT")
    assert (changed.sku, changed.stock_quantity) == ("LIGHT", 5)
    assert (await desk.stock("LAMP"), await desk.stock("LIGHT")) == (None, (5, 0))


async def test_a_new_sku_leaves_behind_what_orders_hold(desk: Desk) -> None:
    await desk.create("Lamp", stock_quantity=5)
    ann = await desk.shop.customer("ann@example.com")
    order = await ann.buy("LAMP", 2)
    await desk.change("lamp", sku="LIGHT")
    assert (await desk.stock("LAMP"), await desk.stock("LIGHT")) == ((2, 2), (3, 0))
    await ann.cancel(order)
    assert await desk.stock("LAMP") == (2, 0)


async def test_a_product_gets_variants_and_loses_them(desk: Desk) -> None:
    await desk.create("Shirt", stock_quantity=5)
    split = await desk.change("shirt", variants=sizes(S=1, L=2))
    assert (split.stock_quantity, await desk.stock("SHIRT"), await desk.stock("SHIRT-S")) == (3, None, (1, 0))
    joined = await desk.change("shirt", variants=[])
    assert (joined.stock_quantity, await desk.stock("SHIRT"), await desk.stock("SHIRT-S")) == (0, (0, 0), None)


async def test_a_product_that_is_tracked_no_longer_is_always_there(desk: Desk) -> None:
    await desk.create("Lamp", stock_quantity=0)
    assert (await desk.shown("lamp")).in_stock is False
    assert (await desk.change("lamp", track_inventory=False)).in_stock is True
    again = await desk.change("lamp", track_inventory=True, stock_quantity=4)
    assert (again.in_stock, again.stock_quantity) == (True, 4)
    book = await desk.create("Book", track_inventory=False)
    assert (book.in_stock, await desk.stock("BOOK")) == (True, None)
    assert (await desk.change("book", track_inventory=True)).in_stock is False


async def test_a_product_that_was_sold_is_archived(desk: Desk) -> None:
    made = await desk.create("Lamp", stock_quantity=5)
    ann = await desk.shop.customer("ann@example.com")
    order = await ann.buy("LAMP", 2)
    await desk.delete("lamp")
    views = await desk.container.get(CatalogViews)
    for ref in ("lamp", str(made.id)):
        with pytest.raises(ProductNotFound):
            await views.product(ref)
    assert (await views.products(ProductFilter(), PageRequest())).results == []
    assert (await desk.shown("lamp")).is_active is False
    with pytest.raises(ProductUnavailable):
        await desk.change("lamp", is_active=True)
    with pytest.raises(ProductNotFound):
        await desk.delete("lamp")
    await ann.cancel(order)
    assert await desk.stock("LAMP") == (5, 0)
    assert [line.product_name for line in (await ann.order(order.order_number)).items] == ["Lamp"]


async def test_a_product_that_was_never_sold_is_gone_with_its_stock(desk: Desk) -> None:
    await desk.create("Shirt", variants=sizes(S=3, L=2))
    await desk.delete("shirt")
    with pytest.raises(ProductNotFound):
        await desk.shown("shirt")
    assert await desk.stock("SHIRT-S") is None
    again = await desk.create("Shirt", variants=sizes(S=1))
    assert (again.slug, again.stock_quantity) == ("shirt", 1)


async def test_what_sells_stands_higher_by_popularity(desk: Desk) -> None:
    for name in ("Lamp", "Sofa", "Book"):
        await desk.create(name, stock_quantity=9)
    ann = await desk.shop.customer("ann@example.com")
    await ann.buy("LAMP", 5)  # and does not pay
    await ann.pay(await ann.buy("SOFA", 1))
    await ann.pay(await ann.buy("BOOK", 2))
    await desk.shop.run_jobs()
    await desk.shop.run_jobs()
    views = await desk.container.get(CatalogViews)
    page = await views.products(ProductFilter(ordering="-popularity"), PageRequest())
    assert [item.slug for item in page.results] == ["book", "sofa", "lamp"]
    assert (await views.product("book")).version == "1.3"


async def test_a_sale_that_is_told_twice_counts_once(desk: Desk) -> None:
    for name in ("Lamp", "Sofa"):
        await desk.create(name, stock_quantity=9)
    ann = await desk.shop.customer("ann@example.com")
    lamp, sofa = await ann.buy("LAMP", 3), await ann.buy("SOFA", 2)
    rank = await desk.container.get(RankProducts)
    for order, told in ((lamp, [1]), (sofa, [2, 2, 2])):
        for n in told:
            event = OrderPaid(order=OrderId(order.id), number=order.order_number, payment=UUID(int=n), at=NOW)
            await rank(UUID(int=n), event)
    views = await desk.container.get(CatalogViews)
    page = await views.products(ProductFilter(ordering="-popularity"), PageRequest())
    assert [item.slug for item in page.results] == ["lamp", "sofa"]


async def test_the_ledger_tells_all_that_happened_to_a_sku(desk: Desk, ledger: "Ledger") -> None:
    await desk.create("Lamp", stock_quantity=5)
    await desk.change("lamp", stock_quantity=7)
    await desk.delete("lamp")
    await desk.create("Lamp", stock_quantity=3)
    moved = await ledger("LAMP")
    assert [(one.number, one.reason, one.on_hand) for one in moved] == [
        (1, Reason.RECEIVED, 5),
        (2, Reason.ADJUSTED, 2),
        (3, Reason.ADJUSTED, -7),
        (4, Reason.RECEIVED, 3),
    ]
    item = await desk.shop.stock("LAMP")
    assert (item.version, item.on_hand) == (4, sum(one.on_hand for one in moved))


Ledger = Callable[[str], Any]


@pytest.fixture
async def ledger(container: AsyncContainer, request: pytest.FixtureRequest) -> Ledger:
    """Every movement of a SKU, in order."""

    async def read(sku: str) -> list[Movement]:
        if "memory" in request.node.callspec.id:
            from adapters.memory.tables import MemoryDatabase

            tables = (await container.get(MemoryDatabase)).tables
            return [move for move in tables.movements if move.sku == sku]
        from adapters.postgres.database import Database

        async with (await container.get(Database)).connection() as connection:
            rows = await connection.fetch("select to_json(m) from movement m where sku = $1 order by number", sku)
        return [msgspec.json.decode(row[0], type=Movement) for row in rows]

    return read
