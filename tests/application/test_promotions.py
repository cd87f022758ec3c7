"""Coupons in carts and orders: what comes off, what is refused, and limits that hold whoever comes at once."""

from asyncio import gather
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from application.cart import CartView, merge_carts
from application.catalog.categorising import CreateCategory, NewCategory
from application.checkout import Checkout, PlaceOrder
from application.ordering import OrderView
from application.ports import Store
from application.promotions import (
    ApplyCoupon,
    ChangeCoupon,
    CouponChanges,
    CouponInUse,
    CouponView,
    CouponViews,
    CreateCoupon,
    DeleteCoupon,
    NewCoupon,
    RemoveCoupon,
)
from domain.accounts import Actor, GuestId
from domain.errors import Forbidden, InvalidField
from domain.promotions import (
    CouponCodeTaken,
    CouponExhausted,
    CouponExpired,
    CouponId,
    CouponNotApplicable,
    CouponNotFound,
    Kind,
)
from entrypoints.shop import SOMEWHERE, Customer, Shop
from tests.builders import new_id

STAFF = Actor.shop()
HOUR = timedelta(hours=1)


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="20.00", stock=500)
    await shop.has("DESK", price="30.00", stock=500)
    return await shop.customer("ann@example.com")


async def a_coupon(
    shop: Shop, code: str = "TEN", kind: Kind = Kind.PERCENT, value: str = "10", **terms: Any
) -> CouponView:
    create = await shop.get(CreateCoupon)
    return await create(STAFF, NewCoupon(code=code, kind=kind, value=value, **terms))


async def applied(ann: Customer, code: str = "TEN") -> CartView:
    return await (await ann.shop.get(ApplyCoupon))(ann.who, code)


async def used(shop: Shop, coupon: CouponView) -> int:
    return (await (await shop.get(CouponViews)).get(CouponId(coupon.id))).used


async def with_coupon(ann: Customer, sku: str = "LAMP", code: str = "TEN") -> Customer:
    await ann.add(sku)
    await applied(ann, code)
    return ann


async def test_a_coupon_shows_in_the_cart_and_in_the_order(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop)
    await ann.add("LAMP", 2)
    await ann.add("DESK")
    cart = await applied(ann, "ten")
    assert (cart.coupon, cart.subtotal, cart.discount_amount, cart.total) == ("TEN", "70.00", "7.00", "63.00")
    assert await ann.cart() == cart
    order = await ann.checkout()
    assert (order.coupon, order.subtotal, order.discount_amount) == ("TEN", "70.00", "7.00")
    assert (order.tax_amount, order.shipping_cost, order.total_amount) == ("6.30", "0.00", "69.30")
    assert [(line.discount_amount, line.tax_amount, line.total) for line in order.items] == [
        ("4.00", "3.60", "36.00"),
        ("3.00", "2.70", "27.00"),
    ]
    assert (await ann.order(order.id), await used(shop, coupon)) == (order, 1)
    assert (await ann.cart()).coupon is None


async def test_shipping_is_free_with_a_coupon_for_it(shop: Shop, ann: Customer) -> None:
    await a_coupon(shop, kind=Kind.FREE_SHIPPING, value="0")
    await with_coupon(ann)
    assert ((await ann.cart()).discount_amount, (await ann.cart()).total) == ("0.00", "20.00")
    order = await ann.checkout()
    assert (order.discount_amount, order.shipping_cost, order.total_amount) == ("0.00", "0.00", "22.00")


async def test_of_what_a_coupon_is_for_sub_categories_count_in(shop: Shop, ann: Customer) -> None:
    create = await shop.get(CreateCategory)
    home = (await create(STAFF, NewCategory(name="Home"))).view
    lights = (await create(STAFF, NewCategory(name="Lights", parent=home.slug))).view
    await shop.has("BULB", price="10.00", category=lights.slug)
    rug = await shop.has("RUG", price="40.00")
    await a_coupon(shop, "HOME", Kind.FIXED, "15.00", categories=[home.id])
    await a_coupon(shop, "RUGS", Kind.FIXED, "15.00", products=[rug.id])
    await ann.add("RUG")
    with pytest.raises(CouponNotApplicable):
        await applied(ann, "HOME")
    await ann.add("BULB")
    assert (await applied(ann, "HOME")).discount_amount == "10.00"
    assert (await applied(ann, "RUGS")).discount_amount == "15.00"
    order = await ann.checkout()
    assert [(line.sku, line.discount_amount) for line in order.items] == [("RUG", "15.00"), ("BULB", "0.00")]


async def test_what_cannot_be_applied_says_why_and_changes_nothing(shop: Shop, ann: Customer) -> None:
    await a_coupon(shop)
    with pytest.raises(CouponNotApplicable):
        await applied(ann)
    await with_coupon(ann)
    now = datetime.now(UTC)
    await a_coupon(shop, "OVER", starts_at=now - 2 * HOUR, ends_at=now - HOUR)
    await a_coupon(shop, "LATER", starts_at=now + HOUR)
    await a_coupon(shop, "MUCH", min_subtotal=msgspec.Raw(b'"20.01"'))
    for code, refusal in (
        ("OVER", CouponExpired),
        ("LATER", CouponNotApplicable),
        ("MUCH", CouponNotApplicable),
        ("NONE", CouponNotFound),
    ):
        with pytest.raises(refusal):
            await applied(ann, code)
    assert (await ann.cart()).coupon == "TEN"


async def test_a_coupon_that_holds_no_more_is_said_at_the_counter(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, min_subtotal=msgspec.Raw(b'"20"'), ends_at=shop.clock() + HOUR)
    cart = await (await with_coupon(ann, "DESK")).cart()
    assert cart.discount_amount == "3.00"
    change = await shop.get(ChangeCoupon)
    await change(STAFF, CouponId(coupon.id), CouponChanges(min_subtotal=msgspec.Raw(b'"31"')))
    cart = await ann.cart()
    assert (cart.coupon, cart.discount_amount, cart.total) == ("TEN", "0.00", "30.00")
    with pytest.raises(CouponNotApplicable):
        await ann.checkout()
    shop.clock.pass_(2 * HOUR)
    with pytest.raises(CouponExpired):
        await ann.checkout()
    await (await shop.get(DeleteCoupon))(STAFF, CouponId(coupon.id))
    with pytest.raises(CouponExpired):
        await ann.checkout()
    assert (await (await shop.get(RemoveCoupon))(ann.who)).coupon is None
    assert (await ann.checkout()).total_amount == "43.00"


async def test_the_last_use_is_had_by_one_of_a_hundred(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, usage_limit=1)
    people = [await with_coupon(await shop.customer(f"buyer{n}@example.com")) for n in range(100)]
    outcomes = await gather(*(one.checkout() for one in people), return_exceptions=True)
    won = [each for each in outcomes if isinstance(each, OrderView)]
    assert Counter(type(each).__name__ for each in outcomes) == {"OrderView": 1, "CouponExhausted": 99}
    assert ([order.discount_amount for order in won], await used(shop, coupon)) == (["2.00"], 1)
    assert (await shop.stock("LAMP")).reserved == 1
    assert sum([(await one.cart()).items_count for one in people]) == 99


async def test_one_customer_uses_it_as_often_as_it_says_from_however_many_carts(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, per_customer_limit=2)
    guests = [Customer(shop, Actor(guest=GuestId(bytes([n]) * 32)), "guest@example.com") for n in range(8)]
    for guest in guests:
        await with_coupon(guest)
    outcomes = await gather(*(guest.checkout(email="guest@example.com") for guest in guests), return_exceptions=True)
    assert Counter(type(each).__name__ for each in outcomes) == {"OrderView": 2, "CouponExhausted": 6}
    for _ in range(2):
        await (await with_coupon(ann)).checkout()
    await ann.add("LAMP")
    with pytest.raises(CouponExhausted):
        await applied(ann)
    assert await used(shop, coupon) == 4


async def test_cancelling_gives_the_use_back_once(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, usage_limit=1, per_customer_limit=1)
    order = await (await with_coupon(ann)).checkout()
    await gather(*(ann.cancel(order) for _ in range(5)), return_exceptions=True)
    assert await used(shop, coupon) == 0
    paid = await (await with_coupon(ann)).checkout()
    await ann.pay(paid)
    await ann.cancel(paid)
    assert (await used(shop, coupon), (await ann.order(paid.id)).coupon) == (0, "TEN")


async def test_expiry_gives_the_use_back(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, usage_limit=1)
    await (await with_coupon(ann)).checkout()
    assert await used(shop, coupon) == 1
    shop.clock.pass_(2 * HOUR)
    await shop.run_jobs()
    assert await used(shop, coupon) == 0
    assert (await (await with_coupon(ann)).checkout()).coupon == "TEN"


async def test_terms_that_change_between_look_and_order_are_the_new_ones(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop)
    await with_coupon(ann)
    changes = CouponChanges(value="50")
    await (await shop.get(ChangeCoupon))(STAFF, CouponId(coupon.id), changes)
    assert (await ann.checkout()).discount_amount == "10.00"


async def test_limits_do_not_fall_below_what_was_used(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop)
    for _ in range(2):
        await (await with_coupon(ann)).checkout()
    change = await shop.get(ChangeCoupon)
    for wrong in (CouponChanges(usage_limit=1), CouponChanges(per_customer_limit=1)):
        with pytest.raises(CouponInUse):
            await change(STAFF, CouponId(coupon.id), wrong)
    right = CouponChanges(usage_limit=2, per_customer_limit=2)
    changed = await change(STAFF, CouponId(coupon.id), right)
    assert (changed.usage_limit, changed.per_customer_limit, changed.used) == (2, 2, 2)


async def test_staff_write_coupons_and_nobody_else(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, "Summer", Kind.FIXED, "5", usage_limit=3)
    assert (coupon.code, coupon.value, coupon.currency, coupon.usage_limit) == ("SUMMER", "5.00", "USD", 3)
    views, change = await shop.get(CouponViews), await shop.get(ChangeCoupon)
    changed = await change(STAFF, CouponId(coupon.id), CouponChanges(kind=Kind.PERCENT, value="12.50"))
    assert (changed.kind, changed.value) == (Kind.PERCENT, "12.5")
    assert await views.get(CouponId(coupon.id)) == changed
    with pytest.raises(CouponCodeTaken):
        await a_coupon(shop, "SUMMER")
    for wrong, pointer in (
        ({"value": "101"}, "/value"),
        ({"value": "1.234"}, "/value"),
        ({"value": "-1"}, "/value"),
        ({"categories": [uuid4()]}, "/categories"),
        ({"products": [uuid4()]}, "/products"),
    ):
        with pytest.raises(InvalidField) as refused:
            await a_coupon(shop, "WRONG", **wrong)
        assert refused.value.pointer == pointer
    with pytest.raises(InvalidField):
        await change(STAFF, CouponId(coupon.id), CouponChanges(kind=Kind.FIXED))
    await (await shop.get(DeleteCoupon))(STAFF, CouponId(coupon.id))
    for gone in (views.get(CouponId(coupon.id)), change(STAFF, CouponId(coupon.id), CouponChanges())):
        with pytest.raises(CouponNotFound):
            await gone
    assert (await a_coupon(shop, "SUMMER")).code == "SUMMER"
    with pytest.raises(Forbidden):
        await (await shop.get(CreateCoupon))(ann.who, NewCoupon(code="X", kind=Kind.PERCENT, value="1"))


async def test_a_guests_coupon_goes_along_when_they_sign_in(shop: Shop, ann: Customer) -> None:
    await a_coupon(shop)
    guest = GuestId(b"g" * 32)
    await with_coupon(Customer(shop, Actor(guest=guest), ""))
    assert ann.who.user is not None
    async with (await shop.get(Store)).transaction() as tx:
        await merge_carts(tx, guest, ann.who.user, new_id, shop.clock())
    assert ((await ann.cart()).coupon, (await ann.cart()).discount_amount) == ("TEN", "2.00")


async def test_a_guest_without_an_address_uses_nothing(shop: Shop, ann: Customer) -> None:
    coupon = await a_coupon(shop, per_customer_limit=1)
    guest = await with_coupon(Customer(shop, Actor(guest=GuestId(b"g" * 32)), ""))
    place_order = await shop.get(PlaceOrder)
    with pytest.raises(InvalidField):
        await place_order(guest.who, Checkout(shipping_address=SOMEWHERE))
    assert await used(shop, coupon) == 0
