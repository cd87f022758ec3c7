"""Shipping: what staff do with an order that was paid."""

from dataclasses import dataclass

from application.ordering import OrderView, OrderViews, Reference, order_view, visible
from application.ports import Clock, Store, Wake
from domain.accounts import Actor, Permission, must
from domain.ordering import Parcel


@dataclass(frozen=True, slots=True)
class ShipOrder:
    store: Store
    orders: OrderViews
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, reference: Reference, parcel: Parcel) -> OrderView:
        """Raises OrderNotFound, IllegalTransition, OrderLineNotFound, ExceedsShippable, NothingToShip."""
        must(who, Permission.WRITE_ORDERS)
        found = visible(await self.orders.find(reference), who, Permission.WRITE_ORDERS)
        async with self.store.transaction() as tx:
            order = await tx.orders.take(found.id)
            order.ship(parcel, self.clock())
            await tx.orders.save(order)
        self.wake()
        return order_view(order)


@dataclass(frozen=True, slots=True)
class DeliverOrder:
    store: Store
    orders: OrderViews
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, reference: Reference) -> OrderView:
        """Raises OrderNotFound, IllegalTransition."""
        must(who, Permission.WRITE_ORDERS)
        found = visible(await self.orders.find(reference), who, Permission.WRITE_ORDERS)
        async with self.store.transaction() as tx:
            order = await tx.orders.take(found.id)
            order.deliver(self.clock())
            await tx.orders.save(order)
        self.wake()
        return order_view(order)
