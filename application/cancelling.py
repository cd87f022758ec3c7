"""Cancelling: by the customer, by staff, and by the clock when an order stays unpaid."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.ordering import OrderView, OrderViews, Reference, order_view, visible
from application.payments import BATCH, Settle
from application.ports import Busy, Clock, Store, Transaction, Unavailable, Wake
from domain.accounts import Actor, Permission
from domain.errors import DomainError
from domain.ordering import Order, OrderCancelled, OrderId, Status
from domain.payments import Payment

log = logging.getLogger(__name__)


async def _give_back(tx: Transaction, order: Order, at: datetime) -> None:
    """A locked order was ended: its coupon comes back, and its pieces: released, or returned where they had left."""
    await tx.coupons.give_back(order.id)
    shelf = await tx.stock.take(order.kept)
    give_back = shelf.take_back if order.is_paid else shelf.release
    give_back(order.kept, order.id, at)
    await tx.orders.save(order)
    await tx.stock.save(shelf)


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The open intent is closed first, stock comes back second, and money that was paid goes back last."""

    store: Store
    orders: OrderViews
    settle: Settle
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, reference: Reference, reason: str) -> OrderView:
        """Raises OrderNotFound, OrderNotCancellable; Unavailable where an open intent could not be closed."""
        order = visible(await self.orders.find(reference), who, Permission.WRITE_ORDERS)
        order.must_be_cancellable()
        intent = await self.settle.close(order.id)
        async with self.store.transaction() as tx:
            order = await tx.orders.take(order.id)
            order.cancel(reason, now := self.clock())
            await _give_back(tx, order, now)
            await tx.remember(order_view(order))
        self.wake()
        if intent is not None and order.is_paid:
            await self._refund(intent)
        return order_view(visible(await self.orders.find(order.id), who, Permission.WRITE_ORDERS))

    async def _refund(self, intent: str) -> None:
        """At once where the gateway answers; else RefundCancelled does it, as soon as it does."""
        try:
            await self.settle(intent)
        except (Unavailable, Busy) as error:
            log.warning("refund left to the worker", extra={"intent": intent, "reason": repr(error)})


@dataclass(frozen=True, slots=True)
class RefundCancelled:
    """Event handler: money that was paid for a cancelled order goes back, whatever became of who cancelled it.

    It never gives up.
    """

    store: Store
    settle: Settle

    async def __call__(self, event_id: UUID, event: OrderCancelled) -> None:
        """Raises Unavailable while a bank is still at it: what it takes later has to go back too."""
        payment = await self._payment(event.order)
        if payment is None:
            return
        await self.settle(payment.intent)
        payment = await self._payment(event.order)
        if payment is not None and payment.is_live:
            raise Unavailable("payments")

    async def _payment(self, order: OrderId) -> Payment | None:
        async with self.store.transaction() as tx:
            return await tx.payments.find_of(order)


@dataclass(frozen=True, slots=True)
class ExpireOrders:
    """Cancels orders that stayed unpaid too long. Returns how many there were."""

    store: Store
    settle: Settle
    clock: Clock
    wake: Wake

    async def __call__(self) -> int:
        async with self.store.transaction() as tx:
            due = await tx.orders.due(self.clock(), BATCH)
        for order in due:
            try:
                await self._expire(order)
            except (DomainError, Unavailable, Busy) as error:
                log.warning("order not expired", extra={"order": str(order), "reason": repr(error)})
        if due:
            self.wake()
        return len(due)

    async def _expire(self, id: OrderId) -> None:
        await self.settle.close(id)
        async with self.store.transaction() as tx:
            order = await tx.orders.take(id)
            if order.status is Status.PENDING:  # it may have been paid at the last moment
                order.expire(now := self.clock())
                await _give_back(tx, order, now)
