"""Refunds that a bank did not take: less has gone back than was known, and only who asked later may say so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.sandbox import SandboxGateway
from application.audit import Audit
from application.ordering import OrderView
from application.payments import ListPayments, PaymentView, Settle
from application.ports import PageRequest
from application.refunding import RefundOrder
from domain.accounts import Role
from domain.ordering import OrderId, RefundWish
from domain.payments import PaymentState
from entrypoints.shop import Customer, Shop
from tests.audit import audit
from tests.builders import usd


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="60.00", stock=5)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def order(ann: Customer) -> OrderView:
    """66.00, paid."""
    order = await ann.buy("LAMP")
    await ann.pay(order)
    return order


async def payment(ann: Customer) -> PaymentView:
    (found,) = (await (await ann.shop.get(ListPayments))(ann.who, PageRequest())).results
    return found


async def comes_back(ann: Customer, refunded: int) -> None:
    """At the gateway no more than so much is refunded, and it tells so."""
    intent = (await payment(ann)).transaction_id
    state = PaymentState.PARTIALLY_REFUNDED if refunded else PaymentState.SUCCEEDED
    async with (await ann.shop.get(SandboxGateway)).ledger.take(intent) as book:
        book.intent = replace(book.intent, refunded=refunded, state=state)
    ann.shop.clock.pass_(timedelta(seconds=1))
    settle = await ann.shop.get(Settle)
    await settle(intent)
    await settle(intent)


async def test_what_comes_back_of_a_cancelled_order_is_sent_again(shop: Shop, ann: Customer, order: OrderView) -> None:
    await ann.cancel(order)
    for times in (1, 2):
        await comes_back(ann, 0)
        ended = await ann.order(order.id)
        assert ended.payment_status == "refunded"
        assert [moment.event for moment in ended.timeline].count("refund_returned") == times
        assert (await payment(ann)).amount_refunded == "66.00"
    await shop.run_jobs()
    await audit(shop.container)


async def test_what_comes_back_of_a_refund_is_seen_and_told_to_admins(
    shop: Shop, ann: Customer, order: OrderView
) -> None:
    boss = (await shop.customer("boss@example.com", Role.ORDER_MANAGER)).who
    refund = await shop.get(RefundOrder)
    for amount in ("10.00", "5.00"):
        await refund(boss, OrderId(order.id), RefundWish(reason="scratched", amount=usd(amount)))
    await comes_back(ann, 1000)
    known = await ann.order(order.id)
    assert (known.payment_status, known.timeline[-1].event) == ("partially_refunded", "refund_returned")
    assert (await payment(ann)).amount_refunded == "10.00"
    await comes_back(ann, 0)
    assert (await ann.order(order.id)).payment_status == "paid"
    found = (await (await shop.get(Audit))()).differences
    assert {difference.check for difference in found} == {"payments are what orders say"}
    intent = (await payment(ann)).transaction_id
    await (await shop.get(SandboxGateway)).refund(intent, usd("15.00"), key="by hand, to another account")
    await (await shop.get(Settle))(intent)
    assert (await payment(ann)).amount_refunded == "15.00"
