"""Staff look at stock and correct it; who buys to the threshold makes the shop say so, once."""

import pytest
from dishka import AsyncContainer

from application.inventory import (
    AdjustManyStocks,
    AdjustStock,
    AllowBackorders,
    Correction,
    EitherDeltaOrOnHand,
    StockViews,
)
from application.ports import PageRequest
from domain.accounts import Role
from domain.errors import Forbidden
from domain.inventory import BelowReserved, InsufficientStock, Sku, StockNotFound
from entrypoints.shop import Customer, Shop, ShopClock
from tests.audit import audit

LAMP = Sku("LAMP")


@pytest.fixture
async def shop(container: AsyncContainer) -> Shop:
    shop = Shop(container, ShopClock())
    await shop.has("LAMP", stock=10, low_stock_threshold=5)
    return shop


@pytest.fixture
async def mia(shop: Shop) -> Customer:
    return await shop.customer("mia@example.com", Role.CATALOG_MANAGER)


async def test_stock_is_corrected_by_a_difference_or_to_what_was_counted(shop: Shop, mia: Customer) -> None:
    adjust, views = await shop.get(AdjustStock), await shop.get(StockViews)
    assert (await adjust(mia.who, Correction(sku=LAMP, delta=-3, reason="broken"))).on_hand == 7
    view = await adjust(mia.who, Correction(sku=LAMP, on_hand=12, reason="counted"))
    assert (view.on_hand, view.reserved, view.available, view.version) == (12, 0, 12, 3)
    assert await views.get(LAMP) == view
    moves = (await views.movements(LAMP, PageRequest())).results
    assert [(m.number, m.on_hand, m.reason, m.note, m.by) for m in moves] == [
        (3, 5, "adjusted", "counted", mia.who.user),
        (2, -3, "adjusted", "broken", mia.who.user),
        (1, 10, "received", "", None),
    ]
    await audit(shop.container)


async def test_what_orders_hold_stays(shop: Shop, mia: Customer) -> None:
    ann, adjust = await shop.customer("ann@example.com"), await shop.get(AdjustStock)
    await ann.buy("LAMP", 4)
    with pytest.raises(BelowReserved):
        await adjust(mia.who, Correction(sku=LAMP, on_hand=3, reason="counted"))
    view = await adjust(mia.who, Correction(sku=LAMP, on_hand=4, reason="counted"))
    assert (view.on_hand, view.reserved, view.available) == (4, 4, 0)
    await audit(shop.container)


async def test_a_correction_says_one_thing(shop: Shop, mia: Customer) -> None:
    adjust = await shop.get(AdjustStock)
    for both in (Correction(sku=LAMP, reason="?"), Correction(sku=LAMP, delta=1, on_hand=1, reason="?")):
        with pytest.raises(EitherDeltaOrOnHand):
            await adjust(mia.who, both)
    with pytest.raises(StockNotFound):
        await adjust(mia.who, Correction(sku=Sku("NONE"), delta=1, reason="?"))


async def test_customers_correct_nothing(shop: Shop) -> None:
    ann = await shop.customer("ann@example.com")
    for case, *arguments in (
        (await shop.get(AdjustStock), Correction(sku=LAMP, delta=1, reason="?")),
        (await shop.get(AllowBackorders), LAMP, 1),
        (await shop.get(AdjustManyStocks), []),
    ):
        with pytest.raises(Forbidden):
            await case(ann.who, *arguments)


async def test_of_many_corrections_each_is_for_itself(shop: Shop, mia: Customer) -> None:
    adjust = await shop.get(AdjustManyStocks)
    done = await adjust(
        mia.who,
        [
            Correction(sku=LAMP, delta=1, reason="found"),
            Correction(sku=Sku("NONE"), delta=1, reason="found"),
            Correction(sku=LAMP, delta=-99, reason="lost"),
        ],
    )
    assert [(one.sku, one.ok, one.code) for one in done] == [
        ("LAMP", True, None),
        ("NONE", False, "stock-not-found"),
        ("LAMP", False, "below-reserved"),
    ]
    assert (await shop.stock("LAMP")).on_hand == 11


async def test_what_is_not_there_yet_may_be_sold_to_a_limit(shop: Shop, mia: Customer) -> None:
    ann, allow = await shop.customer("ann@example.com"), await shop.get(AllowBackorders)
    assert (await allow(mia.who, LAMP, 2)).available == 12
    await ann.buy("LAMP", 12)
    with pytest.raises(InsufficientStock):
        await ann.add("LAMP", 1)
    with pytest.raises(BelowReserved):
        await allow(mia.who, LAMP, 1)
    await audit(shop.container)


async def test_stock_is_listed_by_sku_and_whether_it_is_low(shop: Shop) -> None:
    await shop.has("BED", stock=5)
    await shop.has("CHAIR", stock=6)
    views = await shop.get(StockViews)

    async def skus(low: bool | None, page: PageRequest) -> list[str]:
        return [item.sku for item in (await views.list(page, low=low)).results]

    assert await skus(None, PageRequest()) == ["BED", "CHAIR", "LAMP"]
    assert await skus(True, PageRequest()) == ["BED"]
    assert await skus(False, PageRequest()) == ["CHAIR", "LAMP"]
    first = await views.list(PageRequest(size=2), low=None)
    second = await views.list(PageRequest(2, first.next), low=None)
    assert ([item.sku for item in second.results], second.next) == (["LAMP"], None)
    back = await views.list(PageRequest(2, second.previous), low=None)
    assert [item.sku for item in back.results] == ["BED", "CHAIR"]


async def test_movements_come_in_pages(shop: Shop, mia: Customer) -> None:
    adjust, views = await shop.get(AdjustStock), await shop.get(StockViews)
    for _ in range(4):
        await adjust(mia.who, Correction(sku=LAMP, delta=1, reason="found"))
    first = await views.movements(LAMP, PageRequest(size=2))
    second = await views.movements(LAMP, PageRequest(2, first.next))
    back = await views.movements(LAMP, PageRequest(2, second.previous))
    assert [[m.number for m in page.results] for page in (first, second, back)] == [[5, 4], [3, 2], [5, 4]]
    with pytest.raises(StockNotFound):
        await views.movements(Sku("NONE"), PageRequest())


async def test_managers_hear_once_that_something_runs_low(shop: Shop, mia: Customer) -> None:
    ann = await shop.customer("ann@example.com")

    async def warnings() -> list[str]:
        await shop.deliver_events()
        return [mail.text.strip() for mail in await shop.mails() if mail.subject.startswith("Low stock")]

    await ann.buy("LAMP", 4)
    assert await warnings() == []
    await ann.buy("LAMP", 1)
    await ann.buy("LAMP", 1)
    assert await warnings() == ["Running low:\n\nLAMP: 4 left, threshold 5"]
    await (await shop.get(AdjustStock))(mia.who, Correction(sku=LAMP, delta=10, reason="delivered"))
    assert len(await warnings()) == 1
    await (await shop.get(AdjustStock))(mia.who, Correction(sku=LAMP, on_hand=8, reason="counted"))
    assert (await warnings())[0] == "Running low:\n\nLAMP: 2 left, threshold 5"
    assert {mail.to for mail in await shop.mails() if mail.subject == "Low stock: LAMP"} == {"mia@example.com"}
