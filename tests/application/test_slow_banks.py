"""Money that a bank has not said anything of yet: nobody can stop it, and what comes of it is waited for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from dishka import Provider, Scope

from adapters.sandbox import SandboxGateway
from application.audit import Audit
from application.ordering import OrderView
from application.outbox import Patience
from application.payments import CreateIntent, Settle
from application.ports import Unavailable
from domain.ordering import OrderId
from domain.payments import PaymentState
from entrypoints.settings import Settings
from entrypoints.shop import Customer, Shop, open_shop
from tests.application.test_reviving import payment, pays_late
from tests.audit import audit
from tests.conftest import on_machines


@pytest.fixture(params=["memory", "postgres"])
async def shop(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Shop]:
    """One in which who waits for a bank asks again after a moment, and not at once for ever."""
    made = settings if request.param == "memory" else on_machines(request, settings)
    prompt = Provider(scope=Scope.APP)
    prompt.provide(lambda: Patience(first=timedelta(milliseconds=20)), provides=Patience)
    async with open_shop(made, prompt) as opened:
        yield opened
        await audit(opened.container)


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=5)
    return await shop.customer("ann@example.com")


async def handed_on(ann: Customer) -> tuple[OrderView, str]:
    """An order whose payment a bank is at: the gateway cannot close it, and answers with it as it is."""
    await ann.add("LAMP", 2)
    order = await ann.checkout()
    intent = (await (await ann.shop.get(CreateIntent))(ann.who, OrderId(order.id))).payment_intent_id
    async with (await ann.shop.get(SandboxGateway)).ledger.take(intent) as book:
        book.intent = replace(book.intent, state=PaymentState.PROCESSING)
    return order, intent


async def unavailable(*_: Any, key: str) -> None:
    raise Unavailable("payments")


async def test_an_order_that_expires_meanwhile_lives_on_when_the_money_comes(shop: Shop, ann: Customer) -> None:
    order, intent = await handed_on(ann)
    shop.clock.pass_(timedelta(hours=2))
    await shop.run_jobs()
    assert (await ann.order(order.id)).status == "cancelled"
    assert await payment(ann) == ("processing", "0.00")
    await pays_late(shop, intent)
    assert (await ann.order(order.id)).status == "processing"
    assert await payment(ann) == ("succeeded", "0.00")


async def test_what_is_taken_after_a_cancellation_goes_back_though_the_gateway_is_away_just_then(
    shop: Shop, ann: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is to give it back saw nothing to give at first, and must not be done with it."""
    order, intent = await handed_on(ann)
    await ann.cancel(order)
    await shop.run_jobs()
    gateway = await shop.get(SandboxGateway)
    async with gateway.ledger.take(intent) as book:
        book.intent = replace(book.intent, state=PaymentState.SUCCEEDED, captured=book.intent.amount.amount)
    with monkeypatch.context() as away:
        away.setattr(SandboxGateway, "refund", unavailable)
        with pytest.raises(Unavailable):
            await (await shop.get(Settle))(intent)
        assert await payment(ann) == ("succeeded", "0.00")
        assert (await (await shop.get(Audit))()).differences == []  # it is on its way
    async with asyncio.timeout(20):
        while await payment(ann) != ("refunded", order.total_amount):
            await shop.deliver_events()
            await asyncio.sleep(0.01)
