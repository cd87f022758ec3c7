"""Races on a real PostgreSQL, over several connections: whoever wins, the books balance."""

from asyncio import Barrier, gather
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from application.cancelling import ExpireOrders
from application.checkout import Checkout, Checkouts, CheckoutState, PlaceOrder
from application.idempotency import Answer, Once
from application.ordering import OrderView
from application.payments import ConfirmInSandbox, CreateIntent, Reconcile
from application.ports import Busy
from domain.accounts import Owner
from domain.addresses import AddressId
from domain.cart import CartEmpty
from domain.inventory import InsufficientStock, Shortage
from domain.ordering import Order, OrderId, OrderNotCancellable
from domain.payments import OrderAlreadyPaid, OrderNotPayable, PaymentDeclined, PaymentState
from domain.promotions import CustomerKey
from entrypoints.settings import Settings
from entrypoints.shop import DECLINED, SOMEWHERE, VISA, Customer, Shop, open_shop
from tests.audit import Books, audit
from tests.conftest import on_machines


@pytest.fixture
async def shop(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Shop]:
    async with open_shop(on_machines(request, settings)) as opened:
        yield opened


async def at_rest(shop: Shop) -> Books:
    shop.clock.pass_(timedelta(minutes=1))  # the reconciler leaves fresh payments alone
    await shop.run_jobs()
    return await audit(shop.container)


async def customers(shop: Shop, number: int) -> list[Customer]:
    return await gather(*(shop.customer(f"customer{n}@example.com") for n in range(number)))


def kinds(outcomes: Iterable[Any]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


@dataclass
class Together:
    """Checkouts that begin to write only when all have read for the first time."""

    checkouts: Checkouts
    start: Barrier
    waited: int = 0

    async def read(
        self,
        owner: Owner,
        once: Once | None,
        named: Sequence[AddressId] = (),
        customer: CustomerKey | None = None,
    ) -> CheckoutState:
        state = await self.checkouts.read(owner, once, named, customer)
        if self.waited < self.start.parties:
            self.waited += 1
            await self.start.wait()
        return state

    async def write(self, order: Order, state: CheckoutState, once: Once | None, body: bytes) -> bool:
        return await self.checkouts.write(order, state, once, body)


async def check_out_together(shop: Shop, buyers: Sequence[Customer]) -> list[Any]:
    """What became of each; everybody has seen the shop as it was before anybody bought."""
    place_order = await shop.get(PlaceOrder)
    place_order = replace(place_order, checkouts=Together(place_order.checkouts, Barrier(len(buyers))))
    checkout = Checkout(shipping_address=SOMEWHERE)
    return await gather(*(place_order(buyer.who, checkout) for buyer in buyers), return_exceptions=True)


async def test_the_last_one_is_sold_once_to_fifty_buyers(shop: Shop) -> None:
    await shop.has("LAMP", stock=1)
    buyers = await customers(shop, 50)
    await gather(*(buyer.add("LAMP") for buyer in buyers))
    outcomes = await check_out_together(shop, buyers)
    assert [type(outcome) for outcome in outcomes].count(Answer) == 1
    assert outcomes.count(InsufficientStock((Shortage("LAMP", 1, 0),))) == 49
    books = await at_rest(shop)
    assert len(books.orders) == 1


async def test_as_many_as_there_are_go_and_nobody_who_could_be_served_is_sent_away(shop: Shop) -> None:
    await shop.has("LAMP", stock=30)
    buyers = await customers(shop, 40)
    await gather(*(buyer.add("LAMP") for buyer in buyers))
    outcomes = await check_out_together(shop, buyers)
    assert kinds(outcomes) == {"Answer": 30, "InsufficientStock": 10}
    await at_rest(shop)
    assert (await shop.stock("LAMP")).reserved == 30


async def test_one_cart_checked_out_ten_times_at_once_is_one_order(shop: Shop) -> None:
    await shop.has("LAMP", stock=50)
    (ann,) = await customers(shop, 1)
    await ann.add("LAMP", 2)
    outcomes = await check_out_together(shop, [ann] * 10)
    assert kinds(outcomes) == {"Answer": 1, CartEmpty.__name__: 9}
    await at_rest(shop)
    assert (await shop.stock("LAMP")).reserved == 2


async def test_a_hundred_mixed_carts_never_wait_for_each_other_in_a_ring(shop: Shop) -> None:
    random = Random(7)
    skus = [f"SKU-{n}" for n in range(12)]
    for sku in skus:
        await shop.has(sku, stock=50)
    buyers = await customers(shop, 100)

    async def fill(buyer: Customer, wanted: list[str]) -> None:
        for sku in wanted:
            await buyer.add(sku, 2)

    await gather(*(fill(buyer, random.sample(skus, random.randint(2, 5))) for buyer in buyers))
    outcomes = await check_out_together(shop, buyers)
    assert kinds(outcomes).keys() == {"Answer", "InsufficientStock"}
    books = await at_rest(shop)
    assert len(books.orders) == kinds(outcomes)["Answer"]
    assert all(item["reserved"] <= 50 for item in books.stock)


async def test_confirmed_ten_times_at_once_it_is_sold_once(shop: Shop) -> None:
    await shop.has("LAMP", stock=5)
    (ann,) = await customers(shop, 1)
    order = await ann.buy("LAMP", 2)
    intent = await (await shop.get(CreateIntent))(ann.who, OrderId(order.id))
    confirm = await shop.get(ConfirmInSandbox)
    outcomes = await gather(*(confirm(ann.who, intent.payment_intent_id, VISA) for _ in range(10)))
    assert outcomes == [PaymentState.SUCCEEDED] * 10
    assert [moment.event for moment in (await ann.order(order.id)).timeline] == ["placed", "paid"]
    await at_rest(shop)
    assert (await shop.stock("LAMP")).on_hand == 3


async def test_paid_and_cancelled_at_once_the_money_is_back_or_was_never_taken(shop: Shop) -> None:
    await shop.has("LAMP", stock=20)
    buyers = await customers(shop, 20)
    orders = await gather(*(buyer.buy("LAMP") for buyer in buyers))
    at_once = (
        act for buyer, order in zip(buyers, orders, strict=True) for act in (buyer.pay(order), buyer.cancel(order))
    )
    outcomes = await gather(*at_once, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(OrderView) == 20
    refusals = {OrderNotPayable.__name__, OrderAlreadyPaid.__name__}
    assert kinds(outcomes).keys() <= {"OrderView", "PaymentState"} | refusals
    books = await at_rest(shop)
    assert {order["status"] for order in books.orders} == {"cancelled"}
    assert (await shop.stock("LAMP")).available == 20


DEEDS: dict[str, Callable[[Customer, OrderView], Awaitable[Any]]] = {
    "pay": lambda who, order: who.pay(order),
    "fail": lambda who, order: who.pay(order, DECLINED),
    "cancel": lambda who, order: who.cancel(order),
}
REFUSALS = (PaymentDeclined, OrderAlreadyPaid, OrderNotPayable, OrderNotCancellable, Busy)


async def do(buyer: Customer, order: OrderView, deed: str) -> None:
    with suppress(*REFUSALS):
        await DEEDS[deed](buyer, order)


async def visit(buyer: Customer, sku: str, deeds: list[str]) -> None:
    order = await buyer.buy(sku, 2)
    await do(buyer, order, deeds[0])
    await gather(*(do(buyer, order, deed) for deed in deeds[1:]))


async def test_in_a_storm_of_everything_at_once_nothing_is_lost(shop: Shop) -> None:
    """Customers who buy, pay, fail to pay and cancel, while orders expire and payments are reconciled."""
    random = Random(11)
    for sku in ("LAMP", "DESK", "SOFA"):
        await shop.has(sku, stock=60)
    buyers = await customers(shop, 15)
    expire, reconcile = await shop.get(ExpireOrders), await shop.get(Reconcile)

    async def jobs() -> None:
        for _ in range(3):
            await gather(expire(), reconcile(), shop.deliver_events())

    for _ in range(2):
        visits = (
            visit(buyer, random.choice(["LAMP", "DESK", "SOFA"]), random.choices(sorted(DEEDS), k=3))
            for buyer in buyers
        )
        await gather(*visits, jobs())
        shop.clock.pass_(timedelta(hours=2))  # who has not paid has to go, while the next ones come
    books = await at_rest(shop)
    assert len(books.orders) == 30
    assert {order["status"] for order in books.orders} <= {"processing", "cancelled"}
