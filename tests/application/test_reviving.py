"""Money for an order that is dead already: what expired lives on if it can; what somebody took back does not."""

from asyncio import gather
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.sandbox import SandboxGateway
from application.cancelling import ExpireOrders
from application.ordering import OrderView
from application.payments import CreateIntent, ListPayments, Settle
from application.ports import PageRequest
from application.promotions import ApplyCoupon, CreateCoupon, DeleteCoupon, NewCoupon
from domain.accounts import Actor
from domain.ordering import OrderId
from domain.payments import PaymentState
from domain.promotions import CouponId, Kind
from entrypoints.shop import Customer, Shop
from tests.audit import audit


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("LAMP", price="19.99", stock=5)
    await shop.has("GIFT", price="0.25", stock=None)
    return await shop.customer("ann@example.com")


async def a_coupon(shop: Shop, **limits: Any) -> CouponId:
    new = NewCoupon(code="TEN", kind=Kind.PERCENT, value="10", **limits)
    return CouponId((await (await shop.get(CreateCoupon))(Actor.shop(), new)).id)


async def expired(ann: Customer, *, coupon: bool = False) -> tuple[OrderView, str]:
    """Two lamps and a gift that were not paid in time; and the intent."""
    await ann.add("GIFT", 1)
    await ann.add("LAMP", 2)
    if coupon:
        await (await ann.shop.get(ApplyCoupon))(ann.who, "TEN")
    order = await ann.checkout()
    intent = await (await ann.shop.get(CreateIntent))(ann.who, OrderId(order.id))
    ann.shop.clock.pass_(timedelta(hours=2))
    assert await (await ann.shop.get(ExpireOrders))() == 1
    ended = await ann.order(order.id)
    assert (ended.status, ended.timeline[-1].event, ended.timeline[-1].detail) == ("cancelled", "expired", "unpaid")
    return ended, intent.payment_intent_id


async def pays_late(shop: Shop, intent: str) -> None:
    """The gateway has the money after all; it is heard of several times at once."""
    async with (await shop.get(SandboxGateway)).ledger.take(intent) as book:
        book.intent = replace(book.intent, state=PaymentState.SUCCEEDED, captured=book.intent.amount.amount)
    settle = await shop.get(Settle)
    await gather(*(settle(intent) for _ in range(5)))
    await shop.run_jobs()
    await audit(shop.container)


async def stock(shop: Shop) -> tuple[int, int]:
    item = await shop.stock("LAMP")
    return item.on_hand, item.reserved


async def payment(ann: Customer) -> tuple[str, str]:
    (found,) = (await (await ann.shop.get(ListPayments))(ann.who, PageRequest())).results
    return found.status.value, found.amount_refunded


async def subjects(shop: Shop, order: OrderView) -> list[str]:
    return sorted(mail.subject.replace(order.order_number, "N") for mail in await shop.mails())


async def test_an_expired_order_lives_on_when_its_money_comes_and_all_is_there(shop: Shop, ann: Customer) -> None:
    order, intent = await expired(ann)
    await pays_late(shop, intent)
    revived = await ann.order(order.id)
    assert (revived.status, revived.payment_status, revived.cancelled_at) == ("processing", "paid", None)
    assert [moment.event for moment in revived.timeline] == ["placed", "expired", "revived", "paid"]
    assert await stock(shop) == (3, 0)
    assert await payment(ann) == ("succeeded", "0.00")
    assert await subjects(shop, order) == ["Your order N", "Your order N is paid", "Your order N was cancelled"]


async def test_where_a_piece_is_gone_the_money_goes_back_once(shop: Shop, ann: Customer) -> None:
    order, intent = await expired(ann)
    bob = await shop.customer("bob@example.com")
    await bob.buy("LAMP", 4)
    await pays_late(shop, intent)
    dead = await ann.order(order.id)
    assert (dead.status, dead.payment_status) == ("cancelled", "refunded")
    assert [moment.event for moment in dead.timeline] == ["placed", "expired", "refunded"]
    assert await stock(shop) == (5, 4)
    assert await payment(ann) == ("refunded", order.total_amount)


async def test_what_the_customer_cancelled_is_never_revived(shop: Shop, ann: Customer) -> None:
    await ann.add("LAMP", 2)
    order = await ann.checkout()
    intent = await (await shop.get(CreateIntent))(ann.who, OrderId(order.id))
    await ann.cancel(order, "unpaid")
    await pays_late(shop, intent.payment_intent_id)
    dead = await ann.order(order.id)
    assert (dead.status, dead.payment_status) == ("cancelled", "refunded")
    assert await stock(shop) == (5, 0)


async def test_its_coupon_is_used_again(shop: Shop, ann: Customer) -> None:
    await a_coupon(shop, usage_limit=1)
    order, intent = await expired(ann, coupon=True)
    await pays_late(shop, intent)
    assert (await ann.order(order.id)).status == "processing"


@pytest.mark.parametrize("limits", [{"usage_limit": 1}, {"per_customer_limit": 1}])
async def test_where_its_coupon_is_used_up_the_money_goes_back(
    shop: Shop, ann: Customer, limits: dict[str, int]
) -> None:
    await a_coupon(shop, **limits)
    order, intent = await expired(ann, coupon=True)
    await ann.add("LAMP", 1)
    await (await shop.get(ApplyCoupon))(ann.who, "TEN")
    await ann.checkout()
    await pays_late(shop, intent)
    dead = await ann.order(order.id)
    assert (dead.status, dead.payment_status) == ("cancelled", "refunded")
    assert await stock(shop) == (5, 1)


async def test_where_its_coupon_is_gone_the_money_goes_back_though_another_has_its_name(
    shop: Shop, ann: Customer
) -> None:
    coupon = await a_coupon(shop)
    order, intent = await expired(ann, coupon=True)
    await (await shop.get(DeleteCoupon))(Actor.shop(), coupon)
    await a_coupon(shop)
    await pays_late(shop, intent)
    assert (await ann.order(order.id)).payment_status == "refunded"


async def test_what_was_revived_can_be_cancelled_and_stays_so(shop: Shop, ann: Customer) -> None:
    order, intent = await expired(ann)
    await pays_late(shop, intent)
    await ann.cancel(order)
    await (await shop.get(Settle))(intent)
    await shop.run_jobs()
    await audit(shop.container)
    dead = await ann.order(order.id)
    assert (dead.status, dead.payment_status) == ("cancelled", "refunded")
    assert await stock(shop) == (5, 0)
