"""Orders that cost nothing: paid when they are placed, and no gateway hears of them."""

from datetime import timedelta

import pytest

from application.cancelling import ExpireOrders
from application.ordering import OrderView
from application.payments import CreateIntent, ListPayments
from application.ports import PageRequest, Store
from application.promotions import ApplyCoupon, CreateCoupon, NewCoupon
from application.refunding import RefundOrder
from domain.accounts import Actor, Role
from domain.ordering import ExceedsRefundable, OrderId, RefundState, RefundWish
from domain.payments import OrderAlreadyPaid
from domain.promotions import CouponExhausted, Kind
from entrypoints.shop import Customer, Shop
from tests.application.wires import Wire


@pytest.fixture
async def ann(shop: Shop) -> Customer:
    await shop.has("DESK", price="60.00", stock=5)  # of that much shipping is free
    coupon = NewCoupon(code="GIFT", kind=Kind.PERCENT, value="100", usage_limit=1)
    await (await shop.get(CreateCoupon))(Actor.shop(), coupon)
    return await shop.customer("ann@example.com")


@pytest.fixture
async def order(shop: Shop, ann: Customer) -> OrderView:
    await ann.add("DESK", 2)
    await (await shop.get(ApplyCoupon))(ann.who, "gift")
    return await ann.checkout()


async def stock(shop: Shop) -> tuple[int, int]:
    item = await shop.stock("DESK")
    return item.on_hand, item.reserved


async def test_it_is_paid_at_once_and_confirmed(shop: Shop, ann: Customer, order: OrderView, wire: Wire) -> None:
    assert (order.total_amount, order.status, order.payment_status) == ("0.00", "processing", "paid")
    assert order.paid_at == order.created_at
    assert [moment.event for moment in order.timeline] == ["placed", "paid"]
    assert order == await ann.order(order.id)
    assert await stock(shop) == (3, 0)
    await shop.run_jobs()
    assert [mail.subject for mail in await shop.mails()] == [f"Your order {order.order_number}"]
    assert wire.calls == []


async def test_there_is_nothing_to_pay(shop: Shop, ann: Customer, order: OrderView) -> None:
    with pytest.raises(OrderAlreadyPaid):
        await (await shop.get(CreateIntent))(ann.who, OrderId(order.id))
    assert (await (await shop.get(ListPayments))(ann.who, PageRequest())).results == []


async def test_it_does_not_expire(shop: Shop, order: OrderView) -> None:
    shop.clock.pass_(timedelta(days=30))
    assert await (await shop.get(ExpireOrders))() == 0


async def test_cancelled_it_gives_pieces_and_coupon_back_and_no_money(
    shop: Shop, ann: Customer, order: OrderView, wire: Wire
) -> None:
    cancelled = await ann.cancel(order)
    assert (cancelled.status, cancelled.payment_status) == ("cancelled", "paid")
    await shop.run_jobs()
    assert await stock(shop) == (5, 0)
    assert wire.calls == []
    await ann.add("DESK", 1)
    await (await shop.get(ApplyCoupon))(ann.who, "gift")
    await ann.checkout()
    with pytest.raises(CouponExhausted):
        await ann.add("DESK", 1)
        await (await shop.get(ApplyCoupon))(ann.who, "gift")


async def test_its_pieces_come_back_without_money(shop: Shop, ann: Customer, order: OrderView, wire: Wire) -> None:
    boss = (await shop.customer("boss@example.com", Role.ORDER_MANAGER)).who
    refund = await shop.get(RefundOrder)
    pieces = {order.items[0].id: 1}
    await refund(boss, OrderId(order.id), RefundWish(reason="bent", items=pieces, restock=True))  # type: ignore[arg-type]
    async with (await shop.get(Store)).transaction() as tx:
        kept = await tx.orders.get(OrderId(order.id))
    assert [(each.state, each.amount.amount) for each in kept.refunds] == [(RefundState.DONE, 0)]
    assert (kept.payment_status, await stock(shop)) == ("paid", (4, 0))
    with pytest.raises(ExceedsRefundable):
        await refund(boss, OrderId(order.id), RefundWish(reason="no", amount=kept.shipping + kept.lines[0].unit_price))
    assert wire.calls == []
