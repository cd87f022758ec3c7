"""The order: what may follow what, and what each verb leaves behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.accounts import UserId
from domain.catalog import ProductId
from domain.inventory import Shelf, Sku, StockItem
from domain.money import Money
from domain.ordering import (
    NEXT,
    ExceedsRefundable,
    IllegalTransition,
    LineId,
    Moment,
    Order,
    OrderCancelled,
    OrderDelivered,
    OrderId,
    OrderLine,
    OrderNotCancellable,
    OrderNotRefundable,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderRevived,
    OrderShipped,
    Parcel,
    PaymentStatus,
    PaymentWasDeclined,
    Placement,
    Refund,
    RefundAsked,
    RefundEnded,
    RefundId,
    RefundState,
    RefundWish,
    Status,
    worth,
)
from domain.pricing import Quote, Tariff
from entrypoints.shop import SOMEWHERE
from tests.builders import NOW, new_id, usd

LATER = NOW + timedelta(minutes=5)
PAYMENT = new_id()


def a_line(sku: str, quantity: int, *, tracked: bool = True) -> OrderLine:
    gross = usd("10") * quantity
    return OrderLine(
        id=LineId(new_id()),
        product=ProductId(new_id()),
        variant=None,
        product_name=sku,
        variant_name="",
        sku=Sku(sku),
        quantity=quantity,
        unit_price=usd("10"),
        discount=usd("0"),
        tax=gross.percent(Decimal(10)),
        total=gross,
        tracked=tracked,
    )


def an_order(*lines: OrderLine) -> Order:
    terms = Tariff(Decimal(10), usd("10"), usd("50")).terms([])
    quote = Quote(lines=(), subtotal=usd("20"), discount=usd("0"), tax=usd("2"), shipping=usd("10"), terms=terms)
    placement = Placement(
        user=UserId(new_id()), email="ann@example.com", shipping_address=SOMEWHERE, billing_address=SOMEWHERE
    )
    order = Order.place(OrderId(new_id()), "ORD-1", placement, quote, [], NOW, timedelta(hours=1))
    order.lines = lines or (a_line("LAMP", 2),)
    return order


def in_state(status: Status) -> Order:
    order = an_order()
    order.status = status
    order.drain()
    return order


def has_been(status: Status) -> Order:
    """An order that came there by the verbs."""
    order = an_order(a_line("LAMP", 2))
    if status in {Status.PROCESSING, Status.SHIPPED, Status.DELIVERED}:
        order.pay(PAYMENT, NOW)
    if status in {Status.SHIPPED, Status.DELIVERED}:
        order.ship(Parcel(), NOW)
    if status is Status.DELIVERED:
        order.deliver(NOW)
    if status is Status.CANCELLED:
        order.cancel("", NOW)
    order.drain()
    return order


def ask(order: Order, **wish: Any) -> Refund:
    taken = order.total if order.is_paid else usd("0")
    return order.ask_refund(RefundId(new_id()), RefundWish(**{"reason": "late", **wish}), taken, usd("0"), LATER)


VERBS: dict[str, Callable[[Order], Any]] = {
    "pay": lambda order: order.pay(PAYMENT, LATER),
    "decline": lambda order: order.decline("card_declined", LATER),
    "ship": lambda order: order.ship(Parcel(), LATER),
    "ship a part": lambda order: order.ship(Parcel(items={order.lines[0].id: 1}), LATER),
    "deliver": lambda order: order.deliver(LATER),
    "cancel": lambda order: order.cancel("because", LATER),
    "expire": lambda order: order.expire(LATER),
    "revive": lambda order: order.revive(PAYMENT, LATER),
    "refund": lambda order: ask(order, amount=usd("1")),
}
# The whole table: what each verb does in each state. A refusal, or the state that follows and the events that tell it.
ILLEGAL, KEPT, UNPAID = IllegalTransition, OrderNotCancellable, OrderNotRefundable
S = Status
ANSWERS: dict[str, dict[Status, Any]] = {
    "pay": {
        S.PENDING: (S.PROCESSING, OrderPaid),
        **dict.fromkeys((S.PROCESSING, S.SHIPPED, S.DELIVERED, S.CANCELLED), ILLEGAL),
    },
    "decline": {
        S.PENDING: (S.PENDING, PaymentWasDeclined),
        **{late: (late, None) for late in (S.PROCESSING, S.SHIPPED, S.DELIVERED, S.CANCELLED)},
    },
    "ship": {
        S.PROCESSING: (S.SHIPPED, OrderShipped),
        **dict.fromkeys((S.PENDING, S.SHIPPED, S.DELIVERED, S.CANCELLED), ILLEGAL),
    },
    "ship a part": {
        S.PROCESSING: (S.PROCESSING, OrderShipped),
        **dict.fromkeys((S.PENDING, S.SHIPPED, S.DELIVERED, S.CANCELLED), ILLEGAL),
    },
    "deliver": {
        S.SHIPPED: (S.DELIVERED, OrderDelivered),
        **dict.fromkeys((S.PENDING, S.PROCESSING, S.DELIVERED, S.CANCELLED), ILLEGAL),
    },
    "cancel": {
        **dict.fromkeys((S.PENDING, S.PROCESSING), (S.CANCELLED, OrderCancelled)),
        **dict.fromkeys((S.SHIPPED, S.DELIVERED, S.CANCELLED), KEPT),
    },
    "expire": {
        S.PENDING: (S.CANCELLED, OrderCancelled),
        **dict.fromkeys((S.PROCESSING, S.SHIPPED, S.DELIVERED, S.CANCELLED), ILLEGAL),
    },
    "revive": dict.fromkeys(S, ILLEGAL),  # none of these expired
    "refund": {
        **{paid: (paid, RefundAsked) for paid in (S.PROCESSING, S.SHIPPED, S.DELIVERED)},
        **dict.fromkeys((S.PENDING, S.CANCELLED), UNPAID),
    },
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_in_every_state(status: Status, verb: str) -> None:
    order = has_been(status)
    before = len(order.timeline)
    match ANSWERS[verb][status]:
        case (becomes, told):
            VERBS[verb](order)
            assert order.status is becomes
            assert [type(event) for event in order.events] == ([told] if told else [])
            assert len(order.timeline) == before + bool(told)
        case refusal:
            with pytest.raises(refusal) as refused:
                VERBS[verb](order)
            assert type(refused.value) is refusal
            assert refused.value.facts == {"status_now": status.value, "allowed": sorted(NEXT[status])}
            assert (order.status, order.events, len(order.timeline)) == (status, [], before)


def test_the_table_has_no_gaps() -> None:
    assert {verb: set(answers) for verb, answers in ANSWERS.items()} == {verb: set(Status) for verb in VERBS}


def test_a_part_of_a_line_is_worth_what_is_left_of_it_in_the_end() -> None:
    order = an_order(replace(a_line("LAMP", 3), total=usd("10.00"), tax=usd("1.01")))
    line = order.lines[0].id
    order.total = usd("40")
    order.pay(PAYMENT, NOW)
    assert [str(ask(order, items={line: 1}).amount) for _ in range(3)] == ["3.66", "3.67", "3.68"]
    with pytest.raises(ExceedsRefundable):
        ask(order, items={line: 1})


@given(quantity=st.integers(1, 40), net=st.integers(0, 100_000), tax=st.integers(0, 20_000), parts=st.data())
def test_the_parts_of_a_line_add_up_to_it(quantity: int, net: int, tax: int, parts: st.DataObject) -> None:
    line = replace(a_line("LAMP", quantity), total=Money(net, "USD"), tax=Money(tax, "USD"))
    done, back = 0, 0
    while done < quantity:
        now = parts.draw(st.integers(1, quantity - done))
        back += worth(line, done, now).amount
        done += now
    assert back == net + tax


def test_a_promise_counts_until_it_is_refused() -> None:
    order = has_been(Status.DELIVERED)
    promised = ask(order, amount=usd("30"))
    with pytest.raises(ExceedsRefundable) as over:
        ask(order, amount=usd("2.01"))
    assert over.value.facts == {"refundable": "2.00"}
    assert order.end_refund(promised.id, RefundState.FAILED, LATER) == {}
    assert ask(order, amount=usd("32")).amount == usd("32")


def test_what_returns_does_so_once() -> None:
    order = has_been(Status.DELIVERED)
    refund = ask(order, items={order.lines[0].id: 2}, restock=True)
    assert order.kept == {"LAMP": 2}
    assert order.end_refund(refund.id, RefundState.DONE, LATER) == {"LAMP": 2}
    assert order.end_refund(refund.id, RefundState.DONE, LATER) == {}
    assert order.end_refund(refund.id, RefundState.FAILED, LATER) == {}
    assert order.kept == {}
    assert [type(event) for event in order.events] == [RefundAsked, RefundEnded]


def test_a_refund_that_may_still_fail_does_not_complete_a_shipment() -> None:
    order = has_been(Status.PROCESSING)
    line = order.lines[0].id
    refund = ask(order, items={line: 1})
    order.ship(Parcel(items={line: 1}), LATER)
    assert (order.status, order.to_ship) == (Status.PROCESSING, {line: 0})
    order.end_refund(refund.id, RefundState.FAILED, LATER)
    assert (order.status, order.to_ship) == (Status.PROCESSING, {line: 1})
    order.ship(Parcel(), LATER)
    assert order.status is Status.SHIPPED


def test_what_may_follow_what() -> None:
    assert {status.value: sorted(after) for status, after in NEXT.items()} == {
        "pending": ["cancelled", "processing"],
        "processing": ["cancelled", "shipped"],
        "shipped": ["delivered"],
        "delivered": [],
        "cancelled": [],
    }


def test_a_placed_order_waits_for_its_money() -> None:
    order = an_order()
    assert (order.status, order.payment_status, order.is_paid) == (Status.PENDING, PaymentStatus.PENDING, False)
    assert (order.created_at, order.expires_at) == (NOW, NOW + timedelta(hours=1))
    assert order.timeline == (Moment(NOW, "placed"),)
    assert order.total == usd("32")
    user = order.placement.user
    told = OrderPlaced(
        order=order.id, number="ORD-1", user=user, email="ann@example.com", total=3200, currency="USD", at=NOW
    )
    assert order.events == [told]


def test_each_verb_tells_what_happened_and_when() -> None:
    order = an_order()
    order.decline("card_declined", NOW)
    order.pay(PAYMENT, LATER)
    order.cancel("no more", LATER)
    order.refund(usd("32"), LATER)
    assert order.events[1:] == [
        PaymentWasDeclined(order=order.id, number="ORD-1", reason="card_declined", at=NOW),
        OrderPaid(order=order.id, number="ORD-1", payment=PAYMENT, at=LATER),
        OrderCancelled(order=order.id, number="ORD-1", reason="no more", was_paid=True, at=LATER),
        OrderRefunded(order=order.id, number="ORD-1", refunded=3200, currency="USD", at=LATER),
    ]
    assert order.timeline[1:] == (
        Moment(NOW, "payment_failed", "card_declined"),
        Moment(LATER, "paid"),
        Moment(LATER, "cancelled", "no more"),
        Moment(LATER, "refunded", "32.00"),
    )
    assert (order.paid_at, order.cancelled_at) == (LATER, LATER)


@pytest.mark.parametrize(
    ("refunded", "status"),
    [
        ("0.01", PaymentStatus.PARTIALLY_REFUNDED),
        ("31.99", PaymentStatus.PARTIALLY_REFUNDED),
        ("32", PaymentStatus.REFUNDED),
    ],
)
def test_all_of_it_went_back_or_a_part(refunded: str, status: PaymentStatus) -> None:
    order = an_order()
    order.pay(PAYMENT, NOW)
    order.refund(usd(refunded), LATER)
    assert (order.status, order.payment_status) == (Status.PROCESSING, status)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING])
def test_a_late_refusal_of_a_card_says_nothing_of_an_order_that_waits_no_more(status: Status) -> None:
    order = in_state(status)
    order.decline("card_declined", LATER)
    assert (order.payment_status, order.events) == (PaymentStatus.PENDING, [])


def test_stock_answers_for_counted_pieces_summed_by_sku() -> None:
    order = an_order(a_line("LAMP", 2), a_line("GIFT", 5, tracked=False), a_line("LAMP", 1), a_line("DESK", 4))
    assert order.demand == {"LAMP": 3, "DESK": 4}


class OrderAndStock(RuleBasedStateMachine):
    """An order and its shelf through any sequence of deeds: pieces are reserved, sold and returned once."""

    def __init__(self) -> None:
        super().__init__()
        self.order = an_order(a_line("LAMP", 3))
        self.shelf = Shelf({Sku("LAMP"): StockItem.receive(Sku("LAMP"), 10, NOW)})
        self.shelf.reserve(self.order.demand, self.order.id, NOW)

    @rule()
    def pay(self) -> None:
        if self._does("pay"):
            self.shelf.sell(self.order.demand, self.order.id, LATER)

    @rule()
    def cancel(self) -> None:
        if self._does("cancel"):
            give_back = self.shelf.take_back if self.order.is_paid else self.shelf.release
            give_back(self.order.demand, self.order.id, LATER)

    @rule(reason=st.sampled_from(["card_declined", "insufficient_funds"]))
    def decline(self, reason: str) -> None:
        self.order.decline(reason, LATER)

    @rule()
    def store(self) -> None:
        told = len(self.order.events)
        before = self.order.version
        assert len(self.order.drain()) == told
        assert (self.order.version, self.order.events) == (before + told, [])

    @invariant()
    def pieces_are_where_the_order_says(self) -> None:
        item = self.shelf[Sku("LAMP")]
        expected = {
            Status.PENDING: (10, 3),
            Status.PROCESSING: (7, 0),
            Status.CANCELLED: (10, 0),
        }
        assert (item.on_hand, item.reserved) == expected[self.order.status]

    @invariant()
    def times_and_statuses_agree(self) -> None:
        order = self.order
        assert (order.cancelled_at is not None) == (order.status is Status.CANCELLED)
        assert order.is_paid == (order.payment_status is PaymentStatus.PAID)
        assert order.version + len(order.events) == len(order.timeline)

    def _does(self, verb: str) -> bool:
        try:
            VERBS[verb](self.order)
        except IllegalTransition:
            return False
        return True


TestOrderAndStock = OrderAndStock.TestCase
TestOrderAndStock.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


def test_what_expired_lives_on_once_when_its_money_comes() -> None:
    order = an_order()
    order.expire(LATER)
    assert (order.status, order.has_expired, order.cancelled_at) == (Status.CANCELLED, True, LATER)
    order.drain()
    order.revive(PAYMENT, LATER)
    assert (order.status, order.payment_status, order.cancelled_at) == (Status.PROCESSING, PaymentStatus.PAID, None)
    assert [type(event) for event in order.drain()] == [OrderRevived, OrderPaid]
    with pytest.raises(IllegalTransition):
        order.revive(PAYMENT, LATER)


def test_what_somebody_cancelled_stays_so_whatever_the_reason() -> None:
    order = an_order()
    order.cancel("unpaid", LATER)
    with pytest.raises(IllegalTransition):
        order.revive(PAYMENT, LATER)
