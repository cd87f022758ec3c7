"""Payments: the gateway's news, in whatever order they come."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.ordering import OrderId
from domain.payments import (
    LIVE,
    RANK,
    Intent,
    IntentMismatch,
    Payment,
    PaymentChanged,
    PaymentCreated,
    PaymentId,
    PaymentState,
)
from tests.builders import NOW, new_id, usd

LATER = NOW + timedelta(minutes=1)
ORDER = OrderId(new_id())
OPEN = Intent(id="pi_1", client_secret="s", order=ORDER, amount=usd("53.98"), state=PaymentState.PENDING)
WORKING = replace(OPEN, state=PaymentState.PROCESSING)
FAILED = replace(OPEN, state=PaymentState.FAILED, failure_code="card_declined")
CLOSED = replace(OPEN, state=PaymentState.CANCELLED)
PAID = replace(OPEN, state=PaymentState.SUCCEEDED, captured=5398)
PARTLY = replace(PAID, state=PaymentState.PARTIALLY_REFUNDED, refunded=1000)
MORE = replace(PARTLY, refunded=2000)
REFUNDED = replace(PAID, state=PaymentState.REFUNDED, refunded=5398)
LIFE = (OPEN, WORKING, FAILED, PAID, PARTLY, MORE, REFUNDED)


def a_payment() -> Payment:
    payment = Payment.create(PaymentId(new_id()), OPEN, "ORD-1", None, NOW)
    payment.drain()
    return payment


def known(payment: Payment) -> tuple[PaymentState, int, int, str | None]:
    return payment.state, payment.captured, payment.refunded, payment.failure_code


def test_a_payment_begins_with_its_intent() -> None:
    payment = Payment.create(PaymentId(new_id()), OPEN, "ORD-1", None, NOW)
    assert (payment.order, payment.amount, payment.intent, payment.is_live) == (ORDER, usd("53.98"), "pi_1", True)
    assert payment.events == [PaymentCreated(payment=payment.id, order=ORDER, intent="pi_1", at=NOW)]


def test_news_is_booked_and_told() -> None:
    payment = a_payment()
    assert payment.settle(PAID, LATER)
    assert (known(payment), payment.paid_at) == ((PaymentState.SUCCEEDED, 5398, 0, None), LATER)
    told = PaymentChanged(
        payment=payment.id, order=ORDER, state=PaymentState.SUCCEEDED, captured=5398, refunded=0, at=LATER
    )
    assert payment.events == [told]


@pytest.mark.parametrize("intent", [*LIFE, CLOSED])
def test_the_same_again_is_no_news(intent: Intent) -> None:
    payment = a_payment()
    payment.settle(intent, NOW)
    payment.drain()
    assert not payment.settle(intent, LATER)
    assert payment.events == []


@pytest.mark.parametrize("last", range(4, len(LIFE) + 1))
def test_in_whatever_order_news_come_the_end_is_the_same(last: int) -> None:
    """Once money has come in, whoever asked the gateway earlier can no longer change what is known."""
    for order in permutations(LIFE[:last]):
        payment = a_payment()
        for intent in order:
            payment.settle(intent, LATER)
        end = LIFE[last - 1]
        assert known(payment) == (end.state, end.captured, end.refunded, None)
        assert payment.paid_at == LATER


@given(st.lists(st.sampled_from([*LIFE, CLOSED]), max_size=12))
def test_what_is_known_never_goes_back(news: list[Intent]) -> None:
    payment, told = a_payment(), 0
    for intent in news:
        before = (RANK[payment.state], payment.captured, payment.refunded)
        was_news = payment.settle(intent, LATER)
        after = (RANK[payment.state], payment.captured, payment.refunded)
        assert after >= before
        assert after == before or was_news
        told += was_news
        assert 0 <= payment.refunded <= payment.captured <= payment.amount.amount
    assert len(payment.events) == told


def test_after_a_refusal_another_card_may_be_refused_for_another_reason() -> None:
    payment = a_payment()
    assert payment.settle(FAILED, NOW)
    assert payment.is_live
    assert payment.settle(replace(FAILED, failure_code="insufficient_funds"), LATER)
    assert payment.failure_code == "insufficient_funds"
    assert payment.settle(WORKING, LATER)
    assert payment.settle(PAID, LATER)
    assert payment.failure_code is None


@pytest.mark.parametrize(
    "other",
    [
        replace(PAID, amount=usd("53.97")),
        replace(PAID, amount=Money(5398, "EUR")),
        replace(PAID, order=OrderId(new_id())),
        replace(PAID, id="pi_2"),
    ],
)
def test_news_of_something_else_is_refused(other: Intent) -> None:
    payment = a_payment()
    with pytest.raises(IntentMismatch):
        payment.settle(other, LATER)
    assert (payment.state, payment.events) == (PaymentState.PENDING, [])


def test_only_what_is_not_over_can_still_be_paid() -> None:
    assert {state.value for state in PaymentState if state not in LIVE} == {
        "succeeded",
        "cancelled",
        "refunded",
        "partially_refunded",
    }
    assert RANK.keys() == set(PaymentState)


@pytest.mark.parametrize("news", [PAID, PARTLY, MORE])
def test_less_is_refunded_only_when_who_says_so_was_asked_after_the_last_booking(news: Intent) -> None:
    payment = a_payment()
    payment.settle(REFUNDED, LATER)
    for asked in (None, NOW, LATER):
        assert not payment.settle(news, LATER, asked)
    assert payment.settle(news, LATER, LATER + timedelta(seconds=1))
    assert payment.refunded == news.refunded
