"""What every store of orders must do, and every view of them show."""

from asyncio import gather
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from application.ordering import OrderFilters, OrderSummary, OrderViews
from application.ports import PageRequest, StaleWrite, Store
from domain.accounts import UserId
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import (
    ExceedsRefundable,
    Order,
    OrderId,
    OrderNotFound,
    Parcel,
    PaymentStatus,
    RefundId,
    RefundState,
    RefundWish,
    Status,
)
from entrypoints.shop import Customer, Shop, ShopClock
from tests.audit import audit
from tests.builders import new_id
from tests.contracts.buying import an_order, known, loaded

MINUTE = timedelta(minutes=1)


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=500)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def views(shop: Shop) -> OrderViews:
    return await shop.get(OrderViews)


async def test_an_unknown_order_is_not_found(store: Store, views: OrderViews) -> None:
    async with store.transaction() as tx:
        with pytest.raises(OrderNotFound):
            await tx.orders.get(OrderId(new_id()))
        with pytest.raises(OrderNotFound):
            await tx.orders.take(OrderId(new_id()))
    assert await views.find(OrderId(new_id())) is None
    assert await views.find("ORD-NONE") is None


async def test_an_order_is_the_same_however_it_is_read(store: Store, ann: Customer, views: OrderViews) -> None:
    order = await an_order(ann)
    async with store.transaction() as tx:
        taken = await tx.orders.take(order.id)
    by_id, by_number = await views.find(order.id), await views.find(order.number)
    assert known(order) == known(taken) == known(by_id) == known(by_number)


async def test_changes_come_back_as_they_were_saved(store: Store, shop: Shop, ann: Customer) -> None:
    order = await an_order(ann, 2)
    now = order.created_at
    async with store.transaction() as tx:
        taken = await tx.orders.take(order.id)
        taken.decline('refused: "no"', now + MINUTE)
        taken.pay(new_id(), now + 2 * MINUTE)
        taken.refund(taken.total, now + 3 * MINUTE)
        taken.shipped_at, taken.delivered_at = now + 4 * MINUTE, now + 5 * MINUTE
        await tx.orders.save(taken)
    kept = await loaded(shop, order.id)
    assert known(kept) == known(taken)
    assert (kept.version, kept.status, kept.payment_status) == (4, Status.PROCESSING, PaymentStatus.REFUNDED)
    assert kept.timeline[1].detail == 'refused: "no"'


async def test_parcels_and_refunds_come_back_as_they_were_saved(
    store: Store, shop: Shop, ann: Customer, views: OrderViews
) -> None:
    order = await an_order(ann, 5)
    line, now = order.lines[0].id, order.created_at
    async with store.transaction() as tx:
        taken = await tx.orders.take(order.id)
        taken.pay(new_id(), now)
        taken.ship(Parcel(items={line: 2}, tracking_number='1"Z', carrier="UPS"), now + MINUTE)
        taken.ship(Parcel(items={line: 1}), now + 2 * MINUTE)
        asked = [
            taken.ask_refund(RefundId(new_id()), wish, taken.total, Money.zero("USD"), now + 3 * MINUTE)
            for wish in (
                RefundWish(reason="late", amount=Money(100, "USD")),
                RefundWish(reason="broken: é", items={line: 2}, restock=True),
            )
        ]
        await tx.orders.save(taken)
    assert known(await loaded(shop, order.id)) == known(taken) == known(await views.find(order.id))
    for refund, state in zip(asked, (RefundState.FAILED, RefundState.DONE), strict=True):
        async with store.transaction() as tx:
            again = await tx.orders.take(order.id)
            again.end_refund(refund.id, state, now + 4 * MINUTE)
            await tx.orders.save(again)
        assert known(await loaded(shop, order.id)) == known(again) == known(await views.find(order.number))
    kept = await loaded(shop, order.id)
    assert [(refund.state, refund.restock) for refund in kept.refunds] == [("failed", False), ("done", True)]
    assert (kept.status, kept.to_ship, kept.kept) == (Status.SHIPPED, {line: 0}, {"LAMP": 3})


async def test_takers_who_ask_for_refunds_see_each_other(store: Store, shop: Shop, ann: Customer) -> None:
    order = await an_order(ann)
    async with store.transaction() as tx:
        taken = await tx.orders.take(order.id)
        taken.pay(new_id(), order.created_at)
        await tx.orders.save(taken)

    async def ask() -> None:
        async with store.transaction() as tx:
            taken = await tx.orders.take(order.id)
            wish = RefundWish(reason="late", amount=Money(1000, "USD"))
            taken.ask_refund(RefundId(new_id()), wish, taken.total, Money.zero("USD"), order.created_at)
            await tx.orders.save(taken)

    assert order.total == Money(3199, "USD")
    outcomes = await gather(*(ask() for _ in range(10)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(ExceedsRefundable) == 7
    assert [refund.amount.amount for refund in (await loaded(shop, order.id)).refunds] == [1000] * 3


async def test_what_changed_meanwhile_is_not_overwritten(store: Store, shop: Shop, ann: Customer) -> None:
    order = await an_order(ann)
    stale = await loaded(shop, order.id)
    async with store.transaction() as tx:
        first = await tx.orders.take(order.id)
        first.decline("first", order.created_at)
        await tx.orders.save(first)
    stale.decline("second", order.created_at)
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.orders.save(stale)
    assert (await loaded(shop, order.id)).timeline[-1].detail == "first"
    await audit(shop.container)


async def test_only_checkout_makes_orders(store: Store, shop: Shop, ann: Customer) -> None:
    order = await an_order(ann)
    stranger = Order(**{**known(order), "id": OrderId(new_id()), "number": "ORD-X", "version": 0, "events": []})
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.orders.save(stranger)
    await audit(shop.container)


async def test_takers_of_one_order_wait_for_each_other(store: Store, shop: Shop, ann: Customer) -> None:
    order = await an_order(ann)

    async def decline(reason: str) -> None:
        async with store.transaction() as tx:
            taken = await tx.orders.take(order.id)
            taken.decline(reason, order.created_at)
            await tx.orders.save(taken)

    await gather(*(decline(f"{n}") for n in range(10)))
    kept = await loaded(shop, order.id)
    assert sorted(moment.detail for moment in kept.timeline[1:]) == [f"{n}" for n in range(10)]
    assert kept.version == 11
    await audit(shop.container)


async def test_what_was_taken_and_not_saved_is_as_it_was(store: Store, shop: Shop, ann: Customer) -> None:
    order = await an_order(ann)
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            taken = await tx.orders.take(order.id)
            taken.cancel("", order.created_at)
            await tx.orders.save(taken)
            raise ZeroDivisionError
    async with store.transaction() as tx:
        taken = await tx.orders.take(order.id)
        taken.cancel("", order.created_at)
    assert known(await loaded(shop, order.id)) == known(order)
    await audit(shop.container)


async def test_due_are_unpaid_orders_whose_time_is_up_the_oldest_first(store: Store, ann: Customer) -> None:
    orders = [await an_order(ann) for _ in range(4)]
    await ann.pay(await ann.order(orders[1].id))
    first, _, third, fourth = orders
    async with store.transaction() as tx:
        assert await tx.orders.due(first.expires_at - timedelta(microseconds=1), 10) == []
        assert await tx.orders.due(first.expires_at, 10) == [first.id]
        assert await tx.orders.due(fourth.expires_at, 10) == [first.id, third.id, fourth.id]
        assert await tx.orders.due(fourth.expires_at, 2) == [first.id, third.id]


async def numbers(views: OrderViews, **filters: object) -> list[str]:
    page = await views.list(OrderFilters(**filters), PageRequest())  # type: ignore[arg-type]
    return [order.order_number for order in page.results]


async def test_a_list_shows_the_newest_first_and_whose_they_are(shop: Shop, ann: Customer, views: OrderViews) -> None:
    bob = await shop.customer("bob@elsewhere.org")
    first, second, other = await an_order(ann, 3), await an_order(ann), await an_order(bob)
    assert await numbers(views, user=ann.who.user) == [second.number, first.number]
    assert await numbers(views) == [other.number, second.number, first.number]
    assert await numbers(views, user=UserId(new_id())) == []
    page = await views.list(OrderFilters(user=ann.who.user), PageRequest())
    assert page.results[1] == OrderSummary(
        first.id, first.number, Status.PENDING, PaymentStatus.PENDING, "65.97", "USD", 3, first.created_at
    )


async def test_a_list_is_filtered(shop: Shop, ann: Customer, views: OrderViews) -> None:
    bob = await shop.customer("bob_50%@elsewhere.org")
    paid, cancelled, open_ = await an_order(ann), await an_order(ann), await an_order(bob)
    await ann.pay(await ann.order(paid.id))
    await ann.cancel(await ann.order(cancelled.id))
    assert await numbers(views, statuses=[Status.PROCESSING]) == [paid.number]
    assert await numbers(views, statuses=[Status.PENDING, Status.CANCELLED]) == [open_.number, cancelled.number]
    assert await numbers(views, statuses=[]) == []
    assert await numbers(views, payment_status=PaymentStatus.PENDING) == [open_.number, cancelled.number]
    assert await numbers(views, created_after=cancelled.created_at) == [open_.number, cancelled.number]
    assert await numbers(views, created_before=cancelled.created_at) == [paid.number]
    assert await numbers(views, q=open_.number.lower()[3:9]) == [open_.number]
    assert await numbers(views, q="ELSEWHERE") == [open_.number]
    assert await numbers(views, q="b_5") == [open_.number]
    assert await numbers(views, q="%") == [open_.number]
    assert await numbers(views, q="__") == []
    assert await numbers(views, q="", user=ann.who.user) == [cancelled.number, paid.number]


async def test_pages_go_there_and_back_while_orders_come_in(ann: Customer, views: OrderViews) -> None:
    orders = [(await an_order(ann)).number for _ in range(5)][::-1]
    filters = OrderFilters(user=ann.who.user)
    first = await views.list(filters, PageRequest(2))
    assert [each.order_number for each in first.results] == orders[:2]
    assert first.previous is None
    await an_order(ann)
    second = await views.list(filters, PageRequest(2, first.next))
    assert [each.order_number for each in second.results] == orders[2:4]
    last = await views.list(filters, PageRequest(2, second.next))
    assert ([each.order_number for each in last.results], last.next) == (orders[4:], None)
    back = await views.list(filters, PageRequest(2, second.previous))
    assert [each.order_number for each in back.results] == orders[:2]
    with pytest.raises(InvalidField):
        await views.list(filters, PageRequest(2, "made-up"))
