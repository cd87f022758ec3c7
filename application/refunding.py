"""Refunding: promised first, sent second, booked last, so that no crash in between sends money twice or forgets it."""

import logging
from dataclasses import dataclass
from uuid import UUID

from application.idempotency import repeatable_id
from application.ordering import OrderView, OrderViews, Reference, order_view, visible
from application.payments import PaymentView, PaymentViews, Settle, end_refund, payment_view
from application.ports import Busy, Clock, NewId, PaymentGateway, Store, Unavailable, Wake
from domain.accounts import Actor, Permission, must
from domain.errors import DomainError
from domain.money import Money
from domain.ordering import OrderId, RefundAsked, RefundId, RefundState, RefundWish
from domain.payments import Payment, PaymentId, PaymentNotFound

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendRefund:
    """Asks the gateway for what was promised. Again, and by several at once, with the same end."""

    store: Store
    gateway: PaymentGateway
    settle: Settle
    clock: Clock

    async def __call__(self, id: OrderId, refund_id: RefundId) -> None:
        """Raises what the gateway refuses with, after the promise was taken back; Unavailable leaves it as it is."""
        async with self.store.transaction() as tx:
            order, payment = await tx.orders.get(id), await tx.payments.find_of(id)
        refund = next(each for each in order.refunds if each.id == refund_id)
        if refund.state is not RefundState.PENDING:
            return
        if payment is None or not refund.amount:
            await self._end(id, refund_id, RefundState.DONE)
            return
        try:
            intent = await self.gateway.refund(payment.intent, refund.amount, key=f"refund:{refund_id}")
        except DomainError:
            await self._end(id, refund_id, RefundState.FAILED)
            raise
        await self.settle.book(intent, refund_id)

    async def _end(self, id: OrderId, refund: RefundId, state: RefundState) -> None:
        async with self.store.transaction() as tx:
            order = await tx.orders.take(id)
            await end_refund(tx, order, refund, state, self.clock())
            await tx.orders.save(order)


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money goes back for an order, and its pieces to the shelf if staff say so."""

    store: Store
    orders: OrderViews
    send: SendRefund
    clock: Clock
    new_id: NewId
    wake: Wake

    async def __call__(self, who: Actor, reference: Reference, wish: RefundWish) -> OrderView:
        """Raises OrderNotFound, OrderNotRefundable, OrderLineNotFound, ExceedsRefundable, InvalidField."""
        must(who, Permission.REFUND)
        order = visible(await self.orders.find(reference), who, Permission.REFUND)
        refund = await self._promise(order.id, wish)
        try:
            await self.send(order.id, refund)
        except (Unavailable, Busy) as error:
            log.warning("refund left to the worker", extra={"order": str(order.id), "reason": repr(error)})
        finally:
            self.wake()
        return order_view(visible(await self.orders.find(order.id), who, Permission.REFUND))

    async def _promise(self, id: OrderId, wish: RefundWish) -> RefundId:
        async with self.store.transaction() as tx:
            order, refund_id = await tx.orders.take(id), RefundId(repeatable_id("refund", self.new_id))
            if any(each.id == refund_id for each in order.refunds):
                return refund_id  # by who began this under the same key
            payment = await tx.payments.find_of(id)
            captured, gone = (payment.captured, payment.refunded) if payment else (0, 0)
            sums = (Money(captured, order.currency), Money(gone, order.currency))
            refund = order.ask_refund(refund_id, wish, *sums, self.clock())
            await tx.orders.save(order)
        return refund.id


@dataclass(frozen=True, slots=True)
class RefundPayment:
    """The same, asked of the payment."""

    payments: PaymentViews
    refund_order: RefundOrder

    async def __call__(self, who: Actor, id: PaymentId, wish: RefundWish) -> PaymentView:
        """Raises PaymentNotFound, and what RefundOrder raises."""
        must(who, Permission.REFUND)
        await self.refund_order(who, (await self._found(id)).order, wish)
        return payment_view(await self._found(id))

    async def _found(self, id: PaymentId) -> Payment:
        payment = await self.payments.find(id)
        if payment is None:
            raise PaymentNotFound
        return payment


@dataclass(frozen=True, slots=True)
class CarryRefundOut:
    """Event handler: what was promised is sent, whatever became of who asked for it. It never gives up."""

    send: SendRefund

    async def __call__(self, event_id: UUID, event: RefundAsked) -> None:
        await self.send(event.order, event.refund)
