"""Checkout: what an order takes from cart, catalogue and stock, and what stops it."""

import re
from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from dishka import Provider, Scope

from application.catalog.changing import ChangeProduct
from application.catalog.inputs import ProductChanges
from application.checkout import TRIES, Checkout, Checkouts, CheckoutState, PlaceOrder
from application.idempotency import Answer, KeyReused, Memory, Once
from application.ordering import OrderView
from application.ports import Busy, NewOrderNumber, Store
from domain.accounts import Actor, NotAuthenticated, Owner, UserId
from domain.addresses import AddressId
from domain.cart import CartEmpty
from domain.catalog import ProductUnavailable
from domain.inventory import InsufficientStock, Shortage
from domain.money import Money
from domain.ordering import Order, OrderPlaced, PriceChanged
from domain.promotions import CustomerKey
from entrypoints.settings import Settings
from entrypoints.shop import SOMEWHERE, Customer, Shop, open_shop
from tests.application.wires import Happening

BERLIN = replace(SOMEWHERE, city="Berlin", country="DE", phone_number="+49 30 1234")


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    return await shop.customer("ann@example.com")


def a_key(who: Customer, key: str = "k1", fingerprint: bytes = b"one") -> Once:
    return Once(actor=f"user:{who.who.user}", key=key, route="POST /checkout", fingerprint=fingerprint, status=201)


async def place(who: Customer, once: Once | None, **said: Any) -> Answer:
    place_order = await who.shop.get(PlaceOrder)
    return await place_order(who.who, Checkout(**{"shipping_address": SOMEWHERE, **said}), once)


async def test_an_order_is_a_snapshot_of_cart_prices_and_address(shop: Shop, ann: Customer) -> None:
    lamp = await shop.has("LAMP", price="19.99", stock=5, name="Desk lamp")
    await shop.has("GIFT", price="0.25", stock=None)
    await ann.add("LAMP", 2)
    await ann.add("GIFT", 3)
    order = await ann.checkout(billing_address=BERLIN, customer_notes="ring twice", email="office@example.com")
    assert re.fullmatch(r"ORD-[2-9A-HJ-NP-Z]{10}", order.order_number)
    assert (order.user, order.email, order.customer_notes) == (ann.who.user, "office@example.com", "ring twice")
    assert (order.status, order.payment_status, order.shipping_method) == ("pending", "pending", "standard")
    told = [
        (i.sku, i.product_name, i.quantity, i.unit_price, i.discount_amount, i.tax_amount, i.total) for i in order.items
    ]
    assert told == [
        ("LAMP", "Desk lamp", 2, "19.99", "0.00", "4.00", "39.98"),
        ("GIFT", "Gift", 3, "0.25", "0.00", "0.08", "0.75"),
    ]
    sums = (order.subtotal, order.discount_amount, order.tax_amount, order.shipping_cost, order.total_amount)
    assert sums == ("40.73", "0.00", "4.08", "10.00", "54.81")
    assert (order.shipping_address.city, order.billing_address.city) == ("Springfield", "Berlin")
    assert order.billing_address.phone_number == "+49 30 1234"
    assert [(moment.event, moment.at) for moment in order.timeline] == [("placed", order.created_at)]
    change_product = await shop.get(ChangeProduct)
    await change_product(Actor.shop(), "desk-lamp", ProductChanges(price=b'"99.00"', name="Another lamp"))  # type: ignore[arg-type]
    assert await ann.order(order.order_number) == order
    assert order.items[0].product == lamp.id


async def test_ordering_reserves_stock_empties_the_cart_and_is_told(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=5)
    order = await ann.buy("LAMP", 2)
    item = await shop.stock("LAMP")
    assert (item.on_hand, item.reserved, item.available, item.version) == (5, 2, 3, 2)
    assert (await ann.cart()).items == []
    await shop.run_jobs()
    (mail,) = await shop.mails()
    assert (mail.to, mail.subject) == ("ann@example.com", f"Your order {order.order_number}")


@pytest.mark.parametrize(
    ("price", "tax", "shipping", "total"), [("49.99", "5.00", "10.00", "64.99"), ("50", "5.00", "0.00", "55.00")]
)
async def test_shipping_is_free_from_fifty_on(
    shop: Shop, ann: Customer, price: str, tax: str, shipping: str, total: str
) -> None:
    await shop.has("LAMP", price=price)
    order = await ann.buy("LAMP")
    assert (order.tax_amount, order.shipping_cost, order.total_amount) == (tax, shipping, total)


async def test_an_empty_cart_makes_no_order(shop: Shop, ann: Customer) -> None:
    with pytest.raises(CartEmpty):
        await ann.checkout()
    await shop.has("LAMP")
    await ann.buy("LAMP")
    with pytest.raises(CartEmpty):
        await ann.checkout()


async def test_nobody_and_who_has_no_account_orders_nothing(shop: Shop) -> None:
    place_order = await shop.get(PlaceOrder)
    for who in (Actor(), Actor(UserId(uuid4()))):
        with pytest.raises(NotAuthenticated):
            await place_order(who, Checkout(shipping_address=SOMEWHERE))


async def test_who_names_another_total_hears_the_right_one(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", price="19.99", stock=5)
    await ann.add("LAMP", 2)
    with pytest.raises(PriceChanged) as refused:
        await ann.checkout(expected_total=Money(5397, "USD"))
    assert refused.value == PriceChanged(Money(5397, "USD"), Money(5398, "USD"))
    assert (await shop.stock("LAMP")).reserved == 0
    assert (await ann.checkout(expected_total=Money(5398, "USD"))).total_amount == "53.98"


async def test_every_sku_that_falls_short_is_named_and_nothing_is_taken(shop: Shop, ann: Customer) -> None:
    bob = await shop.customer("bob@example.com")
    for sku, stock in (("LAMP", 3), ("DESK", 2), ("SOFA", 9)):
        await shop.has(sku, stock=stock)
    for sku, quantity in (("SOFA", 1), ("LAMP", 3), ("DESK", 2)):
        await ann.add(sku, quantity)
    await bob.buy("LAMP")
    await bob.buy("DESK", 2)
    with pytest.raises(InsufficientStock) as refused:
        await ann.checkout()
    assert refused.value == InsufficientStock((Shortage("DESK", 2, 0), Shortage("LAMP", 3, 2)))
    assert (await shop.stock("SOFA")).reserved == 0
    assert (await ann.cart()).items_count == 6


async def test_what_left_the_catalogue_is_not_sold(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP")
    await ann.add("LAMP")
    await (await shop.get(ChangeProduct))(Actor.shop(), "lamp", ProductChanges(is_active=False))
    with pytest.raises(ProductUnavailable):
        await ann.checkout()


async def test_a_repeated_key_gets_the_first_answer_to_the_byte(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=5)
    await ann.add("LAMP", 2)
    first = await place(ann, a_key(ann))
    await ann.add("LAMP")
    again = await place(ann, a_key(ann))
    assert (first.status, first.replayed) == (None, False)
    assert again == Answer(first.body, 201, replayed=True)
    assert (await shop.stock("LAMP")).reserved == 2
    assert (await ann.cart()).items_count == 1
    order = await ann.order(msgspec.json.decode(first.body, type=OrderView).id)
    assert msgspec.json.encode(order) == first.body


async def test_a_key_is_good_for_one_request_of_one_customer(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=5)
    bob = await shop.customer("bob@example.com")
    await ann.add("LAMP")
    await bob.add("LAMP")
    first = await place(ann, a_key(ann))
    with pytest.raises(KeyReused):
        await place(ann, a_key(ann, fingerprint=b"other"))
    with pytest.raises(KeyReused):
        await place(ann, replace(a_key(ann), route="POST /elsewhere"))
    theirs = await place(bob, a_key(bob))
    assert not theirs.replayed
    assert theirs.body != first.body


async def test_a_kept_refusal_is_the_answer_from_then_on(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP")
    once = a_key(ann)
    with pytest.raises(CartEmpty):
        await place(ann, once)
    memory = await shop.get(Memory)
    await memory.remember_refusal(once, Answer(b'{"code":"cart-empty"}', 409))
    await ann.add("LAMP")
    assert await place(ann, once) == Answer(b'{"code":"cart-empty"}', 409, replayed=True)
    assert (await shop.stock("LAMP")).reserved == 0


async def test_one_key_twenty_times_at_once_makes_one_order_and_one_answer(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=5)
    await ann.add("LAMP", 2)
    answers = await gather(*(place(ann, a_key(ann)) for _ in range(20)))
    assert len({answer.body for answer in answers}) == 1
    assert sorted(answer.replayed for answer in answers) == [False] + [True] * 19
    assert (await shop.stock("LAMP")).reserved == 2


async def test_the_event_carries_what_its_handlers_need(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", price="19.99", stock=5)
    order = await ann.buy("LAMP", 2)
    async with (await shop.get(Store)).transaction() as tx:
        stored = await tx.orders.get(order.id)  # type: ignore[arg-type]
    assert (stored.version, stored.events, stored.total) == (1, [], Money(5398, "USD"))
    assert stored.expires_at - stored.created_at == (await shop.get(PlaceOrder)).ttl
    assert OrderPlaced.__dataclass_fields__.keys() >= {"order", "number", "user", "email", "total", "currency"}


@dataclass
class Losing:
    """Checkouts whose first writes come too late: somebody else was quicker, or so it says."""

    checkouts: Checkouts
    late: int
    meanwhile: dict[int, Happening] = field(default_factory=dict)  # by the number of the try
    looks: int = 0
    tries: int = 0

    async def read(
        self,
        owner: Owner,
        once: Once | None,
        named: Sequence[AddressId] = (),
        customer: CustomerKey | None = None,
    ) -> CheckoutState:
        self.looks += 1
        return await self.checkouts.read(owner, once, named, customer)

    async def write(self, order: Order, state: CheckoutState, once: Once | None, body: bytes) -> bool:
        self.tries += 1
        if happening := self.meanwhile.get(self.tries):
            await happening()
        if self.tries <= self.late:
            return False
        return await self.checkouts.write(order, state, once, body)


async def losing(shop: Shop, late: int = 0) -> tuple[PlaceOrder, Losing]:
    place_order = await shop.get(PlaceOrder)
    checkouts = Losing(place_order.checkouts, late)
    return replace(place_order, checkouts=checkouts), checkouts


async def test_who_loses_a_race_decides_again_on_what_is_left(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=3)
    bob = await shop.customer("bob@example.com")
    await ann.add("LAMP", 2)
    await bob.add("LAMP", 2)
    place_order, checkouts = await losing(shop)
    checkouts.meanwhile[1] = bob.checkout
    with pytest.raises(InsufficientStock) as refused:
        await place_order(ann.who, Checkout(shipping_address=SOMEWHERE))
    assert refused.value == InsufficientStock((Shortage("LAMP", 2, 1),))
    assert checkouts.looks == 2


async def test_what_is_added_while_the_order_is_being_placed_is_ordered_too(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=3)
    await ann.add("LAMP")
    place_order, checkouts = await losing(shop)
    checkouts.meanwhile[1] = lambda: ann.add("LAMP")
    answer = await place_order(ann.who, Checkout(shipping_address=SOMEWHERE))
    assert msgspec.json.decode(answer.body, type=OrderView).items[0].quantity == 2
    assert (await ann.cart()).items == []


@pytest.mark.parametrize("late", [1, TRIES - 1, TRIES])
async def test_the_shop_tries_three_times_and_then_says_that_it_is_busy(shop: Shop, ann: Customer, late: int) -> None:
    await shop.has("LAMP", stock=3)
    await ann.add("LAMP")
    place_order, checkouts = await losing(shop, late)
    if late < TRIES:
        await place_order(ann.who, Checkout(shipping_address=SOMEWHERE))
        assert checkouts.looks == late + 1
    else:
        with pytest.raises(Busy):
            await place_order(ann.who, Checkout(shipping_address=SOMEWHERE))
        assert checkouts.looks == TRIES + 1
        assert (await ann.cart()).items_count == 1


async def test_after_the_last_try_a_shortage_is_the_reason_given(shop: Shop, ann: Customer) -> None:
    await shop.has("LAMP", stock=1)
    bob = await shop.customer("bob@example.com")
    await ann.add("LAMP")
    place_order, checkouts = await losing(shop, TRIES)
    checkouts.meanwhile[TRIES] = lambda: bob.buy("LAMP")
    with pytest.raises(InsufficientStock):
        await place_order(ann.who, Checkout(shipping_address=SOMEWHERE))


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
async def test_other_currencies_have_their_own_digits(settings: Settings, currency: str) -> None:
    price, shipping, expected = {
        "JPY": ("1005", "500", ("1005", "101", "500", "1606")),
        "KWD": ("1.005", "0.500", ("1.005", "0.101", "0.500", "1.606")),
    }[currency]
    changed = msgspec.structs.replace(settings, currency=currency, shipping_price=shipping, shipping_free_from="99999")
    async with open_shop(changed) as shop:
        await shop.has("LAMP", price=price)
        order = await (await shop.customer("ann@example.com")).buy("LAMP")
    assert (order.subtotal, order.tax_amount, order.shipping_cost, order.total_amount) == expected
    assert order.currency == currency


async def test_a_number_that_is_taken_is_drawn_again(settings: Settings) -> None:
    numbers = iter(["ORD-1", "ORD-1", "ORD-1", "ORD-2"])
    drawn = Provider(scope=Scope.APP)
    drawn.provide(lambda: lambda: next(numbers), provides=NewOrderNumber)
    async with open_shop(settings, drawn) as shop:
        await shop.has("LAMP")
        ann = await shop.customer("ann@example.com")
        assert [(await ann.buy("LAMP")).order_number for _ in range(2)] == ["ORD-1", "ORD-2"]
