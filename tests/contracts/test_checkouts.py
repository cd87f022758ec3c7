"""What every checkout must do: read all that the decision needs, and write all of it or nothing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from dishka import AsyncContainer

from application.checkout import Checkouts, CheckoutState
from application.idempotency import Answer, Memory, Once, Remembered
from application.ports import Store
from application.promotions import ApplyCoupon, ChangeCoupon, CouponChanges, CreateCoupon, DeleteCoupon, NewCoupon
from domain.accounts import Actor, UserId
from domain.inventory import Sku
from domain.money import Money
from domain.ordering import LineId, Order, OrderId, OrderNotFound, Placement
from domain.pricing import Tariff, quote
from domain.promotions import CouponId, CouponUse, Kind, customer_of
from entrypoints.shop import SOMEWHERE, Customer, Shop, ShopClock
from tests.audit import Books, audit
from tests.builders import NOW, a_shelf, new_id
from tests.contracts.buying import known, loaded

FREE = Tariff(Decimal(10), Money(0, "USD"), Money(0, "USD"))
ODD = replace(SOMEWHERE, full_name='Zoë "Z" O\'Neil\\', address_line2="2. OG\trechts", state="東京")


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=5)
    await shop.has("DESK", price="100", stock=2)
    await shop.has("GIFT", price="0.25", stock=None)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def checkouts(shop: Shop) -> Checkouts:
    return await shop.get(Checkouts)


def user_of(who: Customer) -> UserId:
    assert who.who.user is not None
    return who.who.user


def decided(who: Customer, state: CheckoutState, number: str = "ORD-1") -> Order:
    assert state.basket is not None
    wanted = state.basket.priced()
    priced = quote(wanted, FREE.terms(wanted))
    placement = Placement(
        user=user_of(who),
        email="ann@example.com",
        shipping_address=SOMEWHERE,
        billing_address=ODD,
        customer_notes="ring\ntwice",
    )
    ids = [LineId(new_id()) for _ in priced.lines]
    return Order.place(OrderId(new_id()), number, placement, priced, ids, NOW, timedelta(hours=1))


def a_key(who: Customer) -> Once:
    return Once(actor=f"user:{who.who.user}", key="k1", route="POST /checkout", fingerprint=b"f", status=201)


async def stock(shop: Shop, sku: str) -> tuple[int, int, int]:
    item = await shop.stock(sku)
    return item.on_hand, item.reserved, item.version


async def nothing_was_written(shop: Shop, order: Order) -> Books:
    with pytest.raises(OrderNotFound):
        await loaded(shop, order.id)
    books = await audit(shop.container)
    assert order.id not in {event["aggregate_id"] for event in books.events}
    return books


async def test_of_a_stranger_nothing_is_known(checkouts: Checkouts) -> None:
    state = await checkouts.read(UserId(new_id()), None)
    assert state == CheckoutState(email=None, basket=None, customer=None, remembered=None, addresses={})


async def test_all_that_decides_is_read_at_once(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("GIFT", 3)
    cart = await ann.add("LAMP", 2)
    state = await checkouts.read(user_of(ann), a_key(ann))
    assert (state.email, state.remembered) == ("ann@example.com", None)
    assert (state.cart.id, state.cart.version, len(state.cart.items)) == (cart.id, 2, 2)
    assert state.basket is not None
    assert state.basket.available == {"LAMP": 5}
    assert [(offer.sku, quantity, offer.price.amount) for offer, quantity in state.basket.priced()] == [
        ("GIFT", 3, 25),
        ("LAMP", 2, 1999),
    ]
    async with (await shop.get(Store)).transaction() as tx:
        read = await tx.carts.find_of(user_of(ann))
    assert read is not None
    assert (read.offers, read.available, read.cart.items) == (
        state.basket.offers,
        state.basket.available,
        state.cart.items,
    )


async def test_a_decision_is_written_whole(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("GIFT", 3)
    await ann.add("LAMP", 2)
    state = await checkouts.read(user_of(ann), a_key(ann))
    order = decided(ann, state)
    assert await checkouts.write(order, state, a_key(ann), b"\x00answer")
    kept = await loaded(shop, order.id)
    order.drain()
    assert known(kept) == {**known(order), "version": 1}
    assert await stock(shop, "LAMP") == (5, 2, 2)
    after = await checkouts.read(user_of(ann), a_key(ann))
    assert (after.cart.items, after.cart.version, after.cart.updated_at) == ([], 3, NOW)
    assert after.remembered == Remembered("POST /checkout", b"f", 201, b"\x00answer")
    assert await (await shop.get(Memory)).recall(a_key(ann)) == after.remembered
    store = await shop.get(Store)
    async with store.transaction() as tx:
        (placed,) = await tx.orders.due(NOW + timedelta(days=1), 10)
    assert placed == order.id


async def test_what_costs_nothing_is_written_as_paid_and_its_pieces_leave(
    shop: Shop, ann: Customer, checkouts: Checkouts
) -> None:
    await shop.has("LEAFLET", price="0.00", stock=5)
    await ann.add("LEAFLET", 2)
    state = await checkouts.read(user_of(ann), None)
    order = decided(ann, state)
    assert (order.status, order.payment_status, order.paid_at) == ("processing", "paid", NOW)
    assert await checkouts.write(order, state, None, b"")
    kept = await loaded(shop, order.id)
    order.drain()
    assert known(kept) == {**known(order), "version": 2}
    assert await stock(shop, "LEAFLET") == (3, 0, 3)
    books = await audit(shop.container)
    moves = [(move["number"], move["reason"]) for move in books.movements if move["order_id"] == order.id]
    assert moves == [(2, "reserved"), (3, "sold")]
    assert [event["seq"] for event in books.events if event["aggregate_id"] == order.id] == [1, 2]


async def test_what_costs_nothing_is_sold_once_too(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await shop.has("LEAFLET", price="0.00", stock=1)
    bob = await shop.customer("bob@example.com")
    states = []
    for who in (ann, bob):
        await who.add("LEAFLET")
        states.append(await checkouts.read(user_of(who), None))
    orders = [decided(who, state, f"ORD-{n}") for n, (who, state) in enumerate(zip((ann, bob), states, strict=True))]
    written = [await checkouts.write(order, state, None, b"") for order, state in zip(orders, states, strict=True)]
    assert written == [True, False]
    assert await stock(shop, "LEAFLET") == (0, 0, 3)
    await nothing_was_written(shop, orders[1])


async def test_without_a_key_no_answer_is_kept(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("LAMP")
    state = await checkouts.read(user_of(ann), None)
    assert await checkouts.write(decided(ann, state), state, None, b"answer")
    assert await (await shop.get(Memory)).recall(a_key(ann)) is None


async def test_goods_that_are_not_counted_need_no_stock(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("GIFT", 9_999)
    state = await checkouts.read(user_of(ann), None)
    order = decided(ann, state)
    assert await checkouts.write(order, state, None, b"")
    assert [line.tracked for line in (await loaded(shop, order.id)).lines] == [False]


@pytest.mark.parametrize("sku", ["LAMP", "GIFT"])
async def test_a_cart_that_changed_meanwhile_is_not_ordered(
    shop: Shop, ann: Customer, checkouts: Checkouts, sku: str
) -> None:
    await ann.add(sku)
    state = await checkouts.read(user_of(ann), a_key(ann))
    order = decided(ann, state)
    await ann.add(sku)
    assert not await checkouts.write(order, state, a_key(ann), b"answer")
    await nothing_was_written(shop, order)
    assert await stock(shop, "LAMP") == (5, 0, 1)
    assert (await ann.cart()).items_count == 2
    assert (await checkouts.read(user_of(ann), a_key(ann))).remembered is None


@pytest.mark.parametrize("gone", ["LAMP", "DESK"])
async def test_where_one_sku_falls_short_none_is_taken(
    shop: Shop, ann: Customer, checkouts: Checkouts, gone: str
) -> None:
    await ann.add("LAMP")
    await ann.add("DESK")
    state = await checkouts.read(user_of(ann), a_key(ann))
    order = decided(ann, state)
    bob = await shop.customer("bob@example.com")
    await bob.buy(gone, (await shop.stock(gone)).available)
    before = await stock(shop, "LAMP"), await stock(shop, "DESK")
    assert not await checkouts.write(order, state, a_key(ann), b"answer")
    await nothing_was_written(shop, order)
    assert (await stock(shop, "LAMP"), await stock(shop, "DESK")) == before
    assert (await ann.cart()).items_count == 2
    assert (await checkouts.read(user_of(ann), a_key(ann))).remembered is None


async def test_where_a_sku_is_stocked_no_longer_none_is_taken(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("LAMP")
    await ann.add("DESK")
    state = await checkouts.read(user_of(ann), None)
    async with (await shop.get(Store)).transaction() as tx:
        shelf = await tx.stock.take([Sku("DESK")])
        shelf[Sku("DESK")].adjust(-2, NOW, "fire")
        await tx.stock.remove(shelf)
    order = decided(ann, state)
    assert not await checkouts.write(order, state, None, b"")
    async with (await shop.get(Store)).transaction() as tx:
        await tx.stock.save(a_shelf(DESK=2))  # what is on sale and counted must be stocked, says the audit
    await nothing_was_written(shop, order)


async def test_stock_is_guarded_by_quantity_not_by_version(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("LAMP", 2)
    state = await checkouts.read(user_of(ann), None)
    await (await shop.customer("bob@example.com")).buy("LAMP", 3)
    assert await checkouts.write(decided(ann, state), state, None, b"")
    assert await stock(shop, "LAMP") == (5, 5, 3)


async def test_back_orders_are_taken_as_far_as_they_go(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    async with (await shop.get(Store)).transaction() as tx:
        shelf = await tx.stock.take([Sku("LAMP")])
        shelf[Sku("LAMP")].backorder_limit = 2
        await tx.stock.save(shelf)
    await ann.add("LAMP", 7)
    state = await checkouts.read(user_of(ann), None)
    assert state.basket is not None
    assert state.basket.available == {"LAMP": 7}
    assert await checkouts.write(decided(ann, state), state, None, b"")
    assert await stock(shop, "LAMP") == (5, 7, 2)


async def test_a_key_that_was_answered_meanwhile_stops_everything(
    shop: Shop, ann: Customer, checkouts: Checkouts
) -> None:
    await ann.add("LAMP")
    state = await checkouts.read(user_of(ann), a_key(ann))
    order = decided(ann, state)
    await (await shop.get(Memory)).remember_refusal(a_key(ann), Answer(b"first", 409))
    assert not await checkouts.write(order, state, a_key(ann), b"second")
    await nothing_was_written(shop, order)
    assert await stock(shop, "LAMP") == (5, 0, 1)
    assert (await ann.cart()).items_count == 1


async def test_a_number_that_is_taken_stops_everything(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    bob = await shop.customer("bob@example.com")
    for who in (ann, bob):
        await who.add("LAMP")
    first, second = [await checkouts.read(user_of(who), None) for who in (ann, bob)]
    assert await checkouts.write(decided(ann, first, "ORD-7"), first, None, b"")
    twin = decided(bob, second, "ORD-7")
    assert not await checkouts.write(twin, second, None, b"")
    await nothing_was_written(shop, twin)
    assert await checkouts.write(decided(bob, second, "ORD-8"), second, None, b"")


async def test_a_cart_is_ordered_once(shop: Shop, ann: Customer, checkouts: Checkouts) -> None:
    await ann.add("LAMP")
    state = await checkouts.read(user_of(ann), None)
    assert await checkouts.write(decided(ann, state, "ORD-1"), state, None, b"")
    again = decided(ann, state, "ORD-2")
    assert not await checkouts.write(again, state, None, b"")
    await nothing_was_written(shop, again)


@pytest.mark.parametrize("meanwhile", ["changed", "deleted", "used up", "used by the same customer"])
async def test_a_coupon_that_is_no_longer_what_was_read_is_not_used(
    shop: Shop, ann: Customer, checkouts: Checkouts, meanwhile: str
) -> None:
    create, apply = await shop.get(CreateCoupon), await shop.get(ApplyCoupon)
    form = NewCoupon(code="TEN", kind=Kind.PERCENT, value="10", usage_limit=1 if meanwhile == "used up" else 2)
    coupon = CouponId((await create(Actor.shop(), form)).id)
    bob, customer = await shop.customer("bob@example.com"), customer_of(user_of(ann))
    for one in (ann, bob):
        await one.add("LAMP")
        await apply(one.who, "TEN")
    state = await checkouts.read(user_of(ann), a_key(ann), (), customer)
    assert state.use == CouponUse(coupon, 1, f"user:{user_of(ann)}", 1)  # type: ignore[arg-type]
    if meanwhile == "changed":
        await (await shop.get(ChangeCoupon))(Actor.shop(), coupon, CouponChanges(value="11"))
    elif meanwhile == "deleted":
        await (await shop.get(DeleteCoupon))(Actor.shop(), coupon)
    elif meanwhile == "used up":
        await bob.checkout()
    else:
        theirs = await checkouts.read(user_of(bob), None, (), customer)
        assert await checkouts.write(with_coupon(decided(bob, theirs, "ORD-2")), theirs, None, b"")
    order = with_coupon(decided(ann, state))
    assert not await checkouts.write(order, state, a_key(ann), b"answer")
    await nothing_was_written(shop, order)
    after = await checkouts.read(user_of(ann), a_key(ann), (), customer)
    assert (after.remembered, after.cart.coupon, len(after.cart.items)) == (None, coupon, 1)


def with_coupon(order: Order) -> Order:
    order.placement = replace(order.placement, coupon="TEN")
    return order
