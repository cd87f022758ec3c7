"""The order: what may follow what, and what each verb leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.accounts import UserId
from domain.catalog import ProductId
from domain.inventory import Shelf, Sku, StockItem
from domain.ordering import (
    NEXT,
    IllegalTransition,
    LineId,
    Moment,
    Order,
    OrderCancelled,
    OrderId,
    OrderLine,
    OrderNotCancellable,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PaymentStatus,
    PaymentWasDeclined,
    Placement,
    Status,
)
from domain.pricing import Quote
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
    quote = Quote(lines=(), subtotal=usd("20"), discount=usd("0"), tax=usd("2"), shipping=usd("10"))
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


VERBS: dict[str, tuple[Callable[[Order], Any], Status]] = {
    "pay": (lambda order: order.pay(PAYMENT, LATER), Status.PROCESSING),
    "cancel": (lambda order: order.cancel("because", LATER), Status.CANCELLED),
}
MAY = {(Status.PENDING, "pay"), (Status.PENDING, "cancel"), (Status.PROCESSING, "cancel")}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_in_every_state(status: Status, verb: str) -> None:
    order = in_state(status)
    act, becomes = VERBS[verb]
    if (status, verb) in MAY:
        act(order)
        assert order.status is becomes
        assert len(order.events) == 1
    else:
        with pytest.raises(IllegalTransition) as refused:
            act(order)
        assert refused.value.facts == {"status_now": status.value, "allowed": sorted(NEXT[status])}
        assert (order.status, order.events, len(order.timeline)) == (status, [], 1)
        assert isinstance(refused.value, OrderNotCancellable) == (verb == "cancel")


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
            VERBS[verb][0](self.order)
        except IllegalTransition:
            return False
        return True


TestOrderAndStock = OrderAndStock.TestCase
TestOrderAndStock.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)
