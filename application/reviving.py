"""Money that comes after an order has expired: the order lives on where all that it was for can still be had."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.ports import Transaction
from application.tidings import WriteOfOrder
from domain.inventory import shortages
from domain.ordering import Order, OrderRevived
from domain.promotions import CouponUse, customer_of


async def revive(tx: Transaction, order: Order, payment: UUID, at: datetime) -> None:
    """Nothing happens to the locked order where its pieces or its coupon are gone. The caller saves it."""
    use = await _use(tx, order)
    if order.placement.coupon is not None and use is None:
        return
    shelf = await tx.stock.take(order.demand)
    there = {sku: shelf[sku].available if sku in shelf else 0 for sku in order.demand}
    if shortages(order.demand, there):
        return
    order.revive(payment, at)
    if use is not None:
        await tx.coupons.use(order.id, use)
    shelf.reserve(order.demand, order.id, at)
    shelf.sell(order.demand, order.id, at)
    await tx.stock.save(shelf)


async def _use(tx: Transaction, order: Order) -> CouponUse | None:
    """Of the coupon that it was placed with, locked; None where that is not there any more, or used up."""
    placement = order.placement
    owner = placement.user or placement.guest
    found = await tx.coupons.find_by_code(placement.coupon) if placement.coupon else None
    if found is None or owner is None or found.created_at > order.created_at:  # the latter: another one, of its name
        return None
    customer = customer_of(owner, placement.email)
    if customer is None:
        return None
    coupon = await tx.coupons.take(found.id)
    return coupon.use_again(customer, await tx.coupons.uses(coupon.id, customer))


@dataclass(frozen=True, slots=True)
class TellOfRevival:
    """Event handler: who was told that the order is cancelled hears that it is not."""

    write: WriteOfOrder

    async def __call__(self, id: UUID, event: OrderRevived) -> None:
        order = await self.write.order(event.order)
        message_id = self.write.letterhead.message_id(id, "TellOfRevival")
        why = "Your payment came after the order had been cancelled, and all of it was still there."
        await self.write(message_id, order, f"Your order {event.number} is paid", [[why], ["It will be sent."]])
