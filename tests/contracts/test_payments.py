"""What every store of payments must do, and every view of them show."""

from asyncio import gather
from dataclasses import replace
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from application.payments import PaymentViews, payment_view
from application.ports import PageRequest, StaleWrite, Store
from domain.accounts import UserId
from domain.ordering import Order, OrderId
from domain.payments import Intent, Payment, PaymentId, PaymentNotFound, PaymentState
from entrypoints.shop import Customer, Shop, ShopClock
from tests.builders import NOW, new_id
from tests.contracts.buying import an_order, known

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=500)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def order(ann: Customer) -> Order:
    return await an_order(ann)


@pytest.fixture
async def views(shop: Shop) -> PaymentViews:
    return await shop.get(PaymentViews)


def an_intent(order: Order, name: str = "pi_1", state: PaymentState = PaymentState.PENDING) -> Intent:
    captured = 0 if state in {PaymentState.PENDING, PaymentState.CANCELLED, PaymentState.FAILED} else order.total.amount
    return Intent(id=name, client_secret="s", order=order.id, amount=order.total, state=state, captured=captured)


def a_payment(order: Order, name: str = "pi_1", seconds: int = 0) -> Payment:
    at = NOW + timedelta(seconds=seconds)
    return Payment.create(PaymentId(new_id()), an_intent(order, name), order.number, order.placement.user, at)


async def saved(store: Store, payment: Payment) -> Payment:
    async with store.transaction() as tx:
        await tx.payments.save(payment)
    return payment


async def settled(store: Store, intent: Intent) -> Payment:
    async with store.transaction() as tx:
        payment = await tx.payments.take_by_intent(intent.id)
        payment.settle(intent, LATER)
        await tx.payments.save(payment)
    return payment


async def test_a_payment_comes_back_as_it_was_saved(store: Store, order: Order, views: PaymentViews) -> None:
    payment = await saved(store, a_payment(order))
    async with store.transaction() as tx:
        taken = await tx.payments.take_by_intent("pi_1")
        found = await tx.payments.find_of(order.id)
    assert known(taken) == known(found) == known(payment) == known(await views.find(payment.id))
    assert (payment.version, payment.events) == (1, [])
    failed = await settled(store, replace(an_intent(order, state=PaymentState.FAILED), failure_code="card_declined"))
    paid = await settled(store, an_intent(order, state=PaymentState.SUCCEEDED))
    part = replace(an_intent(order, state=PaymentState.PARTIALLY_REFUNDED), refunded=100)
    refunded = await settled(store, part)
    assert known(refunded) == known(await views.find(payment.id))
    assert [each.version for each in (failed, paid, refunded)] == [2, 3, 4]
    assert (refunded.captured, refunded.refunded, refunded.paid_at) == (order.total.amount, 100, LATER)


async def test_what_is_unknown_is_not_found(store: Store, views: PaymentViews, order: Order) -> None:
    async with store.transaction() as tx:
        with pytest.raises(PaymentNotFound):
            await tx.payments.take_by_intent("pi_unknown")
        assert await tx.payments.find_of(order.id) is None
        assert await tx.payments.find_of(OrderId(new_id())) is None
        assert await tx.payments.cancelled_of(order.id) == 0
    assert await views.find(PaymentId(new_id())) is None


async def test_an_order_has_one_payment_that_is_not_cancelled(store: Store, order: Order) -> None:
    first = await saved(store, a_payment(order))
    with pytest.raises(StaleWrite):
        await saved(store, a_payment(order, "pi_2"))
    await settled(store, an_intent(order, state=PaymentState.CANCELLED))
    async with store.transaction() as tx:
        assert await tx.payments.find_of(order.id) is None
        assert await tx.payments.cancelled_of(order.id) == 1
    with pytest.raises(StaleWrite):
        await saved(store, a_payment(order, "pi_1"))
    second = await saved(store, a_payment(order, "pi_2"))
    async with store.transaction() as tx:
        found = await tx.payments.find_of(order.id)
        assert found is not None
        assert found.id == second.id != first.id
        assert await tx.payments.cancelled_of(order.id) == 1


async def test_of_ten_at_once_one_payment_is_made(store: Store, order: Order) -> None:
    outcomes = await gather(*(saved(store, a_payment(order, f"pi_{n}")) for n in range(10)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Payment"] + ["StaleWrite"] * 9


async def test_what_changed_meanwhile_is_not_overwritten(store: Store, order: Order) -> None:
    stale = await saved(store, a_payment(order))
    await settled(store, replace(an_intent(order, state=PaymentState.FAILED), failure_code="first"))
    stale.settle(an_intent(order, state=PaymentState.SUCCEEDED), LATER)
    with pytest.raises(StaleWrite):
        await saved(store, stale)
    async with store.transaction() as tx:
        assert (await tx.payments.take_by_intent("pi_1")).failure_code == "first"


async def test_takers_of_one_payment_wait_for_each_other(store: Store, order: Order) -> None:
    await saved(store, a_payment(order))
    refusals = [replace(an_intent(order, state=PaymentState.FAILED), failure_code=f"reason-{n}") for n in range(10)]
    await gather(*(settled(store, refusal) for refusal in refusals))
    async with store.transaction() as tx:
        assert (await tx.payments.take_by_intent("pi_1")).version == 11


async def test_open_are_those_that_can_still_be_paid_and_are_not_too_fresh(store: Store, ann: Customer) -> None:
    orders = [await an_order(ann) for _ in range(6)]
    for n, each in enumerate(orders):
        await saved(store, a_payment(each, f"pi_{n}", seconds=-n))
    await settled(store, an_intent(orders[1], "pi_1", PaymentState.SUCCEEDED))
    await settled(store, an_intent(orders[2], "pi_2", PaymentState.CANCELLED))
    await settled(store, replace(an_intent(orders[3], "pi_3", PaymentState.FAILED), failure_code="no"))
    async with store.transaction() as tx:
        assert await tx.payments.open_since(NOW, 10) == ["pi_5", "pi_4", "pi_3"]
        assert await tx.payments.open_since(LATER, 10) == ["pi_5", "pi_4", "pi_3", "pi_0"]
        assert await tx.payments.open_since(LATER, 2) == ["pi_5", "pi_4"]


async def test_a_list_shows_ones_own_the_newest_first_page_by_page(
    store: Store, shop: Shop, ann: Customer, views: PaymentViews
) -> None:
    bob = await shop.customer("bob@example.com")
    own = [await saved(store, a_payment(await an_order(ann), f"pi_{n}", seconds=n)) for n in range(3)]
    theirs = await saved(store, a_payment(await an_order(bob), "pi_9", seconds=9))
    shown = [payment_view(payment) for payment in reversed(own)]
    assert (await views.list(ann.who.user, PageRequest())).results == shown
    assert (await views.list(None, PageRequest())).results == [payment_view(theirs), *shown]
    assert (await views.list(UserId(new_id()), PageRequest())).results == []
    first = await views.list(ann.who.user, PageRequest(2))
    assert first.results == shown[:2]
    second = await views.list(ann.who.user, PageRequest(2, first.next))
    assert (second.results, second.next) == (shown[2:], None)
    assert (await views.list(ann.who.user, PageRequest(2, second.previous))).results == shown[:2]
