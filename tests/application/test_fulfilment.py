"""The order's way to the customer, and its money's way back, by the hands of staff."""

from asyncio import gather
from typing import Any
from uuid import UUID

import pytest
from msgspec import UNSET

from adapters.sandbox.gateway import SandboxGateway
from application.many_orders import BulkOrders, ChangeOrders
from application.ordering import ListHistory, OrderView
from application.payments import ListPayments
from application.ports import PageRequest
from application.refunding import RefundOrder, RefundPayment
from application.shipping import DeliverOrder, ShipOrder
from domain.accounts import Role
from domain.errors import Forbidden, InvalidField
from domain.money import Money
from domain.ordering import (
    ExceedsRefundable,
    ExceedsShippable,
    IllegalTransition,
    LineId,
    NothingToShip,
    OrderId,
    OrderLineNotFound,
    OrderNotCancellable,
    OrderNotRefundable,
    Parcel,
    RefundWish,
)
from domain.payments import PaymentId, PaymentNotFound
from entrypoints.shop import Customer, Shop
from tests.application.wires import Wire
from tests.builders import new_id, usd


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=10)
    await shop.has("GIFT", price="5.00", stock=None)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def staff(shop: Shop) -> Customer:
    return await shop.customer("staff@example.com", Role.ORDER_MANAGER)


@pytest.fixture
async def order(ann: Customer) -> OrderView:
    """Three lamps and two gifts, paid: 69.97 and 7.00 tax, free of shipping."""
    await ann.add("LAMP", 3)
    await ann.add("GIFT", 2)
    placed = await ann.checkout()
    await ann.pay(placed)
    return await ann.order(placed.id)


def of(order: OrderView, **quantities: int) -> dict[LineId, int]:
    """By SKU instead of id."""
    return {LineId(line.id): quantities[line.sku] for line in order.items if line.sku in quantities}


async def ship(staff: Customer, order: OrderView, **said: Any) -> OrderView:
    return await (await staff.shop.get(ShipOrder))(staff.who, OrderId(order.id), Parcel(**said))


async def deliver(staff: Customer, order: OrderView) -> OrderView:
    return await (await staff.shop.get(DeliverOrder))(staff.who, OrderId(order.id))


async def refund(staff: Customer, order: OrderView, amount: str | None = None, **said: Any) -> OrderView:
    wish = RefundWish(**{"reason": "sorry", "amount": usd(amount) if amount else None, **said})
    return await (await staff.shop.get(RefundOrder))(staff.who, OrderId(order.id), wish)


async def refunded(who: Customer) -> list[tuple[str, str]]:
    page = await (await who.shop.get(ListPayments))(who.who, PageRequest())
    return [(payment.status, payment.amount_refunded) for payment in page.results]


async def on_hand(shop: Shop) -> int:
    return (await shop.stock("LAMP")).on_hand


def told(order: OrderView) -> list[tuple[str, str]]:
    return [(moment.event, moment.detail) for moment in order.timeline]


async def test_an_order_goes_its_whole_way(shop: Shop, ann: Customer, staff: Customer, order: OrderView) -> None:
    sent = await ship(staff, order, tracking_number="1Z999", carrier="UPS")
    assert (sent.status, sent.shipped_at is not None) == ("shipped", True)
    assert [(each.tracking_number, each.carrier, each.shipped_at) for each in sent.shipments] == [
        ("1Z999", "UPS", sent.shipped_at)
    ]
    assert [(each.id, each.quantity) for each in sent.shipments[0].items] == [
        (line.id, line.quantity) for line in order.items
    ]
    assert await ann.order(order.id) == sent
    done = await deliver(staff, order)
    assert (done.status, done.delivered_at is not None) == ("delivered", True)
    assert told(done) == [("placed", ""), ("paid", ""), ("shipped", "UPS 1Z999"), ("delivered", "")]
    history = await (await shop.get(ListHistory))(ann.who, PageRequest())
    assert [each.order_number for each in history.results] == [order.order_number]


async def test_in_parts_it_is_processed_until_the_last_one_left(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    first = await ship(staff, order, items=of(order, LAMP=2), tracking_number="A")
    assert (first.status, first.shipped_at, len(first.shipments)) == ("processing", None, 1)
    with pytest.raises(ExceedsShippable) as over:
        await ship(staff, order, items=of(order, LAMP=2, GIFT=1))
    assert [(each.requested, each.available) for each in over.value.items] == [(2, 1)]
    with pytest.raises(OrderNotCancellable) as kept:
        await ann.cancel(order)
    assert kept.value.facts == {"status_now": "processing", "allowed": ["shipped"]}
    second = await ship(staff, order, items=of(order, GIFT=2))
    assert second.status == "processing"
    last = await ship(staff, order)
    assert (last.status, [len(each.items) for each in last.shipments]) == ("shipped", [1, 1, 1])
    assert [event for event, _ in told(last)] == [
        *("placed", "paid", "partially_shipped", "partially_shipped", "shipped"),
    ]
    with pytest.raises(IllegalTransition):
        await ship(staff, order)


async def test_a_line_of_another_order_is_no_line_of_this(staff: Customer, order: OrderView) -> None:
    with pytest.raises(OrderLineNotFound):
        await ship(staff, order, items={LineId(new_id()): 1})
    with pytest.raises(OrderLineNotFound):
        await refund(staff, order, items={LineId(new_id()): 1})


async def test_only_who_manages_orders(shop: Shop, ann: Customer, order: OrderView) -> None:
    manager = await shop.customer("goods@example.com", Role.CATALOG_MANAGER)
    for who in (ann, manager):
        for act in (ship(who, order), deliver(who, order), refund(who, order)):
            with pytest.raises(Forbidden):
                await act


async def test_sent_twenty_times_at_once_it_is_sent_once(shop: Shop, staff: Customer, order: OrderView) -> None:
    outcomes = await gather(*(ship(staff, order) for _ in range(20)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(OrderView) == 1
    assert [type(each) for each in outcomes].count(IllegalTransition) == 19
    assert len((await staff.order(order.id)).shipments) == 1


async def test_all_of_it_goes_back(shop: Shop, ann: Customer, staff: Customer, order: OrderView) -> None:
    back = await refund(staff, order)
    assert (back.status, back.payment_status) == ("processing", "refunded")
    assert await refunded(ann) == [("refunded", "76.97")]
    assert await on_hand(shop) == 7
    assert told(back)[2:] == [("refund_requested", "76.97"), ("refunded", "76.97")]
    with pytest.raises(ExceedsRefundable):
        await refund(staff, order)
    with pytest.raises(ExceedsRefundable):
        await refund(staff, order, "0.01")
    with pytest.raises(NothingToShip):
        await ship(staff, order)
    assert (await ann.cancel(order)).status == "cancelled"
    assert await on_hand(shop) == 10


async def test_an_amount_goes_back_as_long_as_there_is_some(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    assert (await refund(staff, order, "70.00")).payment_status == "partially_refunded"
    with pytest.raises(ExceedsRefundable) as over:
        await refund(staff, order, "6.98")
    assert over.value.facts == {"refundable": "6.97"}
    assert (await refund(staff, order, "6.97")).payment_status == "refunded"
    assert await refunded(ann) == [("refunded", "76.97")]
    assert (await ship(staff, order)).status == "shipped"  # an amount is no piece: all of it is still sent


async def test_pieces_go_back_with_their_tax_and_to_the_shelf(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    await ship(staff, order)
    for _ in range(3):
        await refund(staff, order, items=of(order, LAMP=1), restock=True)
    assert [detail for event, detail in told(await ann.order(order.id)) if event == "refunded"] == [
        "21.99",
        "43.98",
        "65.97",
    ]
    assert await on_hand(shop) == 10
    with pytest.raises(ExceedsRefundable) as over:
        await refund(staff, order, items=of(order, LAMP=1, GIFT=3))
    assert [(each.requested, each.available) for each in over.value.items] == [(1, 0), (3, 2)]
    assert (await refund(staff, order, items=of(order, GIFT=2))).payment_status == "refunded"
    assert await refunded(ann) == [("refunded", "76.97")]


async def test_what_was_not_sent_and_is_refunded_is_not_sent(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    await ship(staff, order, items=of(order, LAMP=2, GIFT=1))
    after = await refund(staff, order, items=of(order, LAMP=1), restock=True)
    assert after.status == "processing"
    assert await on_hand(shop) == 8
    with pytest.raises(ExceedsShippable):
        await ship(staff, order, items=of(order, LAMP=1))
    assert (await refund(staff, order, items=of(order, GIFT=1))).status == "shipped"
    assert (await deliver(staff, order)).status == "delivered"
    assert (await refund(staff, order, restock=True)).payment_status == "refunded"
    assert await on_hand(shop) == 10


async def test_which_pieces_return_must_be_clear(shop: Shop, staff: Customer, order: OrderView) -> None:
    with pytest.raises(InvalidField):
        await refund(staff, order, "1.00", restock=True)
    assert (await refund(staff, order, "76.97", restock=True)).payment_status == "refunded"
    assert await on_hand(shop) == 10


async def test_an_order_without_money_has_none_to_give_back(shop: Shop, ann: Customer, staff: Customer) -> None:
    unpaid = await ann.buy("LAMP")
    with pytest.raises(OrderNotRefundable) as refused:
        await refund(staff, unpaid)
    assert refused.value.facts == {"status_now": "pending", "allowed": ["cancelled", "processing"]}
    await ann.cancel(unpaid)
    with pytest.raises(OrderNotRefundable):
        await refund(staff, unpaid)


async def test_twenty_refunds_at_once_never_give_more_than_was_taken(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    outcomes = await gather(*(refund(staff, order, "10.00") for _ in range(20)), return_exceptions=True)
    assert [type(each) for each in outcomes].count(OrderView) == 7
    assert [type(each) for each in outcomes].count(ExceedsRefundable) == 13
    assert await refunded(ann) == [("partially_refunded", "70.00")]


async def test_one_piece_returned_twenty_times_at_once_returns_thrice(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    wishes = (refund(staff, order, items=of(order, LAMP=1), restock=True) for _ in range(20))
    outcomes = await gather(*wishes, return_exceptions=True)
    assert [type(each) for each in outcomes].count(OrderView) == 3
    assert await on_hand(shop) == 10
    assert await refunded(ann) == [("partially_refunded", "65.97")]


async def test_the_gateway_is_away_and_the_worker_sends_it_later(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView, wire: Wire
) -> None:
    wire.fails["refund"] = 3
    waiting = await refund(staff, order, items=of(order, LAMP=1), restock=True)
    assert (waiting.payment_status, told(waiting)[-1]) == ("paid", ("refund_requested", "21.99"))
    assert await on_hand(shop) == 7
    with pytest.raises(ExceedsRefundable):  # what is promised counts
        await refund(staff, order, "54.99")
    await shop.run_jobs()
    assert wire.fails["refund"] == 0
    assert await refunded(ann) == [("partially_refunded", "21.99")]
    assert await on_hand(shop) == 8
    assert told(await ann.order(order.id))[-1] == ("refunded", "21.99")


async def test_what_the_gateway_refuses_is_promised_no_longer(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    payment = (await (await shop.get(ListPayments))(ann.who, PageRequest())).results[0]
    elsewhere = await shop.get(SandboxGateway)  # somebody at the gateway's own desk
    await elsewhere.refund(payment.transaction_id, Money(7000, "USD"), key="by hand")
    with pytest.raises(ExceedsRefundable):
        await refund(staff, order, "10.00", restock=False)
    assert told(await ann.order(order.id))[-2:] == [("refund_requested", "10.00"), ("refund_failed", "10.00")]
    after = await refund(staff, order, "6.97")
    assert after.payment_status == "refunded"
    assert await refunded(ann) == [("refunded", "76.97")]


async def test_money_is_sent_once_whoever_dies_in_between(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView, wire: Wire
) -> None:
    async def crash() -> None:
        raise ZeroDivisionError

    wire.after["refund"] = crash
    with pytest.raises(ZeroDivisionError):  # the money left, and nobody wrote it down
        await refund(staff, order, items=of(order, LAMP=2), restock=True)
    assert await refunded(ann) == [("succeeded", "0.00")]
    await shop.run_jobs()
    assert await refunded(ann) == [("partially_refunded", "43.98")]
    assert await on_hand(shop) == 9


async def test_cancelled_while_a_refund_is_on_its_way(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView, wire: Wire
) -> None:
    async def cancel() -> None:
        await ann.cancel(order)

    wire.after["refund"] = cancel
    await refund(staff, order, items=of(order, LAMP=1), restock=True)
    after = await ann.order(order.id)
    assert (after.status, after.payment_status) == ("cancelled", "refunded")
    assert await on_hand(shop) == 10
    assert await refunded(ann) == [("refunded", "76.97")]


async def test_a_refund_promised_before_the_order_was_cancelled_is_not_sent_too(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView, wire: Wire
) -> None:
    wire.fails["refund"] = 1
    await refund(staff, order, "20.00")
    assert (await ann.cancel(order)).payment_status == "refunded"
    await shop.run_jobs()
    assert told(await ann.order(order.id))[-1] == ("refund_failed", "20.00")
    assert await refunded(ann) == [("refunded", "76.97")]


async def test_a_payment_is_refunded_by_the_same_hand(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    refund_payment = await shop.get(RefundPayment)
    paid = PaymentId((await (await shop.get(ListPayments))(ann.who, PageRequest())).results[0].id)
    view = await refund_payment(staff.who, paid, RefundWish(reason="late", amount=usd("5")))
    assert (view.status, view.amount_refunded) == ("partially_refunded", "5.00")
    with pytest.raises(PaymentNotFound):
        await refund_payment(staff.who, PaymentId(UUID(int=0)), RefundWish(reason="late"))
    with pytest.raises(Forbidden):
        await refund_payment(ann.who, paid, RefundWish(reason="late"))


async def test_many_are_changed_each_for_itself(shop: Shop, ann: Customer, staff: Customer, order: OrderView) -> None:
    unpaid, nobody = await ann.buy("LAMP"), new_id()
    change = await shop.get(ChangeOrders)

    async def outcomes(action: Any, *ids: UUID) -> list[tuple[UUID, bool, Any]]:
        answer = await change(staff.who, BulkOrders(ids=list(ids), action=action))
        return [(each.id, each.ok, each.code) for each in answer.results]

    assert await outcomes("ship", order.id, unpaid.id, nobody, order.id) == [
        (order.id, True, UNSET),
        (unpaid.id, False, "illegal-transition"),
        (nobody, False, "order-not-found"),
    ]
    assert await outcomes("deliver", order.id) == [(order.id, True, UNSET)]
    assert await outcomes("cancel", order.id, unpaid.id) == [
        (order.id, False, "order-not-cancellable"),
        (unpaid.id, True, UNSET),
    ]
    with pytest.raises(Forbidden):
        await change(ann.who, BulkOrders(ids=[order.id], action="ship"))


async def test_the_customer_hears_of_every_step(shop: Shop, ann: Customer, staff: Customer, order: OrderView) -> None:
    await ship(staff, order, items=of(order, LAMP=2), carrier="UPS", tracking_number="1Z<9>")
    await ship(staff, order)
    await deliver(staff, order)
    await refund(staff, order, "5.00")
    unpaid = await ann.buy("LAMP")
    await ann.cancel(unpaid, "too\ndear")
    await shop.run_jobs()
    mails = {mail.subject: mail for mail in await shop.mails() if mail.to == "ann@example.com"}
    number = order.order_number
    part = mails[f"A part of your order {number} is on its way"]
    assert "2 x Lamp" in part.text and "Tracking number: 1Z<9>" in part.text and "Carrier: UPS" in part.text
    assert "1Z&lt;9&gt;" in part.html and "1Z<9>" not in part.html
    assert "1 x Lamp\n2 x Gift" in mails[f"Your order {number} is on its way"].text
    assert f"Your order {number} was delivered" in mails
    assert "Of 76.97 USD that you paid, 5.00 USD went back" in mails[f"A refund for your order {number}"].text
    cancelled = mails[f"Your order {unpaid.order_number} was cancelled"]
    assert "Reason: too dear" in cancelled.text and "owe us nothing" in cancelled.text
    assert part.message_id.endswith(".tellofshipment@mail.tradepost")


async def test_what_had_come_back_does_not_come_back_again_with_a_cancellation(
    shop: Shop, ann: Customer, staff: Customer, order: OrderView
) -> None:
    await refund(staff, order, items=of(order, LAMP=2), restock=True)
    assert await on_hand(shop) == 9
    assert (await ann.cancel(order)).payment_status == "refunded"
    assert await on_hand(shop) == 10
    assert await refunded(ann) == [("refunded", "76.97")]


async def test_a_cancellation_sends_what_a_refund_has_left_that_was_quicker(
    shop: Shop, ann: Customer, order: OrderView, wire: Wire
) -> None:
    payment = (await (await shop.get(ListPayments))(ann.who, PageRequest())).results[0]
    elsewhere = await shop.get(SandboxGateway)
    wire.after["ask"] = lambda: elsewhere.refund(payment.transaction_id, Money(1000, "USD"), key="by hand")
    assert (await ann.cancel(order)).payment_status == "refunded"
    assert wire.calls.count("refund") == 2  # the first was refused
    assert await refunded(ann) == [("refunded", "76.97")]
