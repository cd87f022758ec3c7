"""Cancelling: what comes back, how often, and what happens while the gateway is away."""

from asyncio import gather

import pytest

from adapters.sandbox.gateway import SandboxGateway
from application.ordering import ListHistory, ListOrders, OrderFilters, OrderView
from application.payments import CreateIntent, ListPayments
from application.ports import PageRequest, Unavailable
from domain.accounts import Role
from domain.ordering import OrderId, OrderNotCancellable, Status
from entrypoints.shop import VISA, Customer, Shop
from tests.application.wires import Wire


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=5)
    await shop.has("GIFT", price="0.25", stock=None)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def order(ann: Customer) -> OrderView:
    """Two lamps and three gifts, which are not counted."""
    await ann.add("GIFT", 3)
    await ann.add("LAMP", 2)
    return await ann.checkout()


async def stock(shop: Shop) -> tuple[int, int]:
    item = await shop.stock("LAMP")
    return item.on_hand, item.reserved


async def refunds(ann: Customer) -> list[tuple[str, str]]:
    found = await (await ann.shop.get(ListPayments))(ann.who, PageRequest())
    return [(payment.status.value, payment.amount_refunded) for payment in found.results]


async def test_an_unpaid_order_gives_its_pieces_back(shop: Shop, ann: Customer, order: OrderView, wire: Wire) -> None:
    assert await stock(shop) == (5, 2)
    cancelled = await ann.cancel(order, "changed my mind")
    assert (cancelled.status, cancelled.payment_status) == ("cancelled", "pending")
    assert [(moment.event, moment.detail) for moment in cancelled.timeline] == [
        ("placed", ""),
        ("cancelled", "changed my mind"),
    ]
    assert cancelled.cancelled_at == cancelled.timeline[1].at
    assert await stock(shop) == (5, 0)
    assert wire.calls == []
    assert cancelled == await ann.order(order.order_number)


async def test_a_paid_order_returns_its_pieces_and_the_whole_amount_once(
    shop: Shop, ann: Customer, order: OrderView, wire: Wire
) -> None:
    await ann.pay(order)
    assert await stock(shop) == (3, 0)
    cancelled = await ann.cancel(order)
    assert (cancelled.status, cancelled.payment_status) == ("cancelled", "refunded")
    assert [moment.event for moment in cancelled.timeline] == ["placed", "paid", "cancelled", "refunded"]
    assert cancelled.timeline[3].detail == cancelled.total_amount == "54.81"
    assert await refunds(ann) == [("refunded", "54.81")]
    assert await stock(shop) == (5, 0)
    await shop.run_jobs()  # RefundCancelled hears of it too, and finds nothing to do
    assert wire.calls.count("refund") == 1
    assert await refunds(ann) == [("refunded", "54.81")]
    assert await stock(shop) == (5, 0)


async def test_a_cancelled_order_is_not_cancelled_again(shop: Shop, ann: Customer, order: OrderView) -> None:
    await ann.cancel(order)
    with pytest.raises(OrderNotCancellable) as refused:
        await ann.cancel(order)
    assert refused.value.facts == {"status_now": "cancelled", "allowed": []}
    assert await stock(shop) == (5, 0)


async def test_an_open_intent_is_closed_first(ann: Customer, order: OrderView, wire: Wire) -> None:
    await (await ann.shop.get(CreateIntent))(ann.who, OrderId(order.id))
    await ann.cancel(order)
    assert wire.calls == ["create", "cancel"]
    assert await refunds(ann) == [("cancelled", "0.00")]


async def test_an_intent_that_was_paid_before_it_could_be_closed_is_refunded(
    shop: Shop, ann: Customer, order: OrderView
) -> None:
    intent = await (await shop.get(CreateIntent))(ann.who, OrderId(order.id))
    await (await shop.get(SandboxGateway)).confirm(intent.payment_intent_id, VISA)
    cancelled = await ann.cancel(order)
    assert [moment.event for moment in cancelled.timeline] == ["placed", "paid", "cancelled", "refunded"]
    assert await refunds(ann) == [("refunded", "54.81")]
    assert await stock(shop) == (5, 0)


async def test_nothing_is_cancelled_while_an_open_intent_cannot_be_closed(
    shop: Shop, ann: Customer, order: OrderView, wire: Wire
) -> None:
    await (await shop.get(CreateIntent))(ann.who, OrderId(order.id))
    wire.cut.add("cancel")
    with pytest.raises(Unavailable) as away:
        await ann.cancel(order)
    assert away.value.part == "payments"
    assert (await ann.order(order.id)).status == "pending"
    assert await stock(shop) == (5, 2)
    wire.cut.clear()
    assert (await ann.cancel(order)).status == "cancelled"


@pytest.mark.parametrize("part", ["ask", "refund"])
async def test_money_goes_back_as_soon_as_the_gateway_answers_again(
    shop: Shop, ann: Customer, order: OrderView, wire: Wire, part: str
) -> None:
    await ann.pay(order)
    wire.fails[part] = 4
    cancelled = await ann.cancel(order)
    assert (cancelled.status, cancelled.payment_status) == ("cancelled", "paid")
    assert await stock(shop) == (5, 0)
    assert await refunds(ann) == [("succeeded", "0.00")]
    await shop.run_jobs()
    assert wire.fails[part] == 0  # CancelOrder met one failure, RefundCancelled the others
    assert await refunds(ann) == [("refunded", "54.81")]
    assert (await ann.order(order.id)).payment_status == "refunded"


async def test_cancelled_twenty_times_at_once_it_is_cancelled_once(shop: Shop, ann: Customer, order: OrderView) -> None:
    await ann.pay(order)
    outcomes = await gather(*(ann.cancel(order) for _ in range(20)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(OrderView) == 1
    assert [type(outcome) for outcome in outcomes].count(OrderNotCancellable) == 19
    assert await stock(shop) == (5, 0)
    assert await refunds(ann) == [("refunded", "54.81")]


async def test_staff_cancels_for_anybody(shop: Shop, ann: Customer, order: OrderView) -> None:
    staff = await shop.customer("staff@example.com", Role.ORDER_MANAGER)
    assert (await staff.cancel(order, "out of paper")).status == "cancelled"
    assert (await ann.order(order.id)).timeline[-1].detail == "out of paper"


async def test_the_refund_handler_does_nothing_where_nothing_was_paid(
    shop: Shop, ann: Customer, order: OrderView, wire: Wire
) -> None:
    await ann.cancel(order)
    await shop.run_jobs()
    assert wire.calls == []


async def test_lists_tell_open_from_finished_orders(shop: Shop, ann: Customer, order: OrderView) -> None:
    kept = await ann.buy("LAMP")
    await ann.cancel(order)
    list_orders, list_history = await shop.get(ListOrders), await shop.get(ListHistory)
    everything = await list_orders(ann.who, OrderFilters(), PageRequest())
    assert [each.order_number for each in everything.results] == [kept.order_number, order.order_number]
    assert [(each.total_amount, each.items_count) for each in everything.results] == [("31.99", 1), ("54.81", 5)]
    finished = await list_history(ann.who, PageRequest())
    assert [each.order_number for each in finished.results] == [order.order_number]
    pending = await list_orders(ann.who, OrderFilters(statuses=[Status.PENDING]), PageRequest())
    assert [each.order_number for each in pending.results] == [kept.order_number]
    bob = await shop.customer("bob@example.com")
    assert (await list_orders(bob.who, OrderFilters(user=ann.who.user), PageRequest())).results == []
