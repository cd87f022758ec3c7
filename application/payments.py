"""Payments: an intent per order, settled by what the gateway says and by nothing else."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from application.ordering import OrderViews, visible
from application.ports import (
    Busy,
    Clock,
    NewId,
    Page,
    PageRequest,
    PaymentGateway,
    SandboxCards,
    Store,
    Transaction,
    Unavailable,
    Wake,
)
from application.reviving import revive
from domain.accounts import Actor, Permission, UserId, may
from domain.errors import DomainError
from domain.money import Money
from domain.ordering import ExceedsRefundable, Order, OrderId, RefundId, RefundState, Status
from domain.payments import (
    LIVE,
    Intent,
    OrderAlreadyPaid,
    OrderNotPayable,
    Payment,
    PaymentDeclined,
    PaymentId,
    PaymentNotFound,
    PaymentState,
)

log = logging.getLogger(__name__)

BATCH = 100  # orders or payments that a periodic job looks at in one turn
FRESH = timedelta(seconds=10)  # a payment this young is left to the browser that pays it


class IntentView(msgspec.Struct, frozen=True):
    payment_id: UUID
    payment_intent_id: str
    client_secret: str
    status: PaymentState
    publishable_key: str


class PaymentView(msgspec.Struct, frozen=True):
    id: UUID
    order: UUID
    order_number: str
    amount: str
    amount_refunded: str
    currency: str
    status: PaymentState
    transaction_id: str
    payment_method: UUID | None
    failure_code: str | None
    created_at: datetime
    paid_at: datetime | None


class PaymentViews(Protocol):
    """Reads payments for looking at."""

    async def find(self, id: PaymentId) -> Payment | None: ...

    async def list(self, user: UserId | None, page: PageRequest) -> Page[PaymentView]:
        """Newest first; everybody's where the user is None."""
        ...


def payment_view(payment: Payment) -> PaymentView:
    refunded = Money(payment.refunded, payment.amount.currency)
    return PaymentView(
        payment.id,
        payment.order,
        payment.order_number,
        str(payment.amount),
        str(refunded),
        payment.amount.currency,
        payment.state,
        payment.intent,
        None,
        payment.failure_code,
        payment.created_at,
        payment.paid_at,
    )


@dataclass(frozen=True, slots=True)
class ShowPayment:
    payments: PaymentViews

    async def __call__(self, who: Actor, id: PaymentId) -> PaymentView:
        payment = await self.payments.find(id)
        if payment is None or not (who.owns(payment.user) or may(who, Permission.READ_PAYMENTS)):
            raise PaymentNotFound
        return payment_view(payment)


@dataclass(frozen=True, slots=True)
class ListPayments:
    payments: PaymentViews

    async def __call__(self, who: Actor, page: PageRequest) -> Page[PaymentView]:
        user = None if may(who, Permission.READ_PAYMENTS) else who.must_be_user()
        return await self.payments.list(user, page)


@dataclass(frozen=True, slots=True)
class CreateIntent:
    """One live intent per order: a second call answers with the same one."""

    store: Store
    orders: OrderViews
    gateway: PaymentGateway
    clock: Clock
    new_id: NewId
    wake: Wake

    async def __call__(self, who: Actor, id: OrderId) -> IntentView:
        """Raises OrderNotFound, OrderAlreadyPaid, OrderNotPayable; Busy, or Unavailable when the gateway is away."""
        order = _payable(visible(await self.orders.find(id), who))
        async with self.store.transaction() as tx:
            attempt = await tx.payments.cancelled_of(id) + 1
        intent = await self.gateway.create_intent(order.id, order.total, key=f"order:{order.id}:{attempt}")
        publishable_key = self.gateway.publishable_key
        async with self.store.transaction() as tx:
            order = _payable(await tx.orders.take(id))
            if await tx.payments.cancelled_of(id) + 1 != attempt:
                raise Busy  # somebody closed this very intent meanwhile
            payment = await tx.payments.find_of(id)
            if payment is None:
                payment = Payment.create(
                    PaymentId(self.new_id()), intent, order.number, order.placement.user, self.clock()
                )
                await tx.payments.save(payment)
            view = IntentView(payment.id, intent.id, intent.client_secret, payment.state, publishable_key)
            await tx.remember(view)
        self.wake()
        return view


def _payable(order: Order) -> Order:
    if order.is_paid:
        raise OrderAlreadyPaid
    if order.status is not Status.PENDING:
        raise OrderNotPayable
    return order


@dataclass(frozen=True, slots=True)
class Settle:
    """The only code that books what a payment came to. It asks the gateway and believes nobody else."""

    store: Store
    gateway: PaymentGateway
    clock: Clock
    wake: Wake

    async def __call__(self, intent_id: str) -> None:
        """Bring payment and order up to what the gateway says; again, and in any order, with the same end."""
        asked = self.clock()
        intent: Intent | None = await self.gateway.intent(intent_id)
        if intent is None:
            raise PaymentNotFound
        while intent is not None:
            order = await self.book(intent, asked=asked)
            asked = self.clock()
            intent = await self._undo(intent, order.times_returned) if order.status is Status.CANCELLED else None
        self.wake()

    async def close(self, id: OrderId) -> str | None:
        """Cancel the order's open intent, if it has one, and book what became of it. Returns the intent's id."""
        async with self.store.transaction() as tx:
            payment = await tx.payments.find_of(id)
        if payment is not None and payment.is_live:
            await self.book(await self.gateway.cancel_intent(payment.intent))
        return payment.intent if payment else None

    async def book(self, intent: Intent, refund: RefundId | None = None, asked: datetime | None = None) -> Order:
        """Take over what the gateway said just now; with the refund that it was the answer to, that one is done."""
        async with self.store.transaction() as tx:
            order = await tx.orders.take(intent.order)
            payment = await tx.payments.take_by_intent(intent.id)
            before = payment.refunded
            if payment.settle(intent, self.clock(), asked):
                await tx.payments.save(payment)
                await self._tell(tx, order, payment, before)
            if refund is not None:
                await end_refund(tx, order, refund, RefundState.DONE, self.clock())
            await tx.orders.save(order)
        return order

    async def _tell(self, tx: Transaction, order: Order, payment: Payment, before: int) -> None:
        """What the payment's news means to its order."""
        now = self.clock()
        if payment.captured and order.status is Status.PENDING:
            order.pay(payment.id, now)
            shelf = await tx.stock.take(order.demand)
            shelf.sell(order.demand, order.id, now)
            await tx.stock.save(shelf)
        elif payment.captured and not payment.refunded and order.has_expired:
            await revive(tx, order, payment.id, now)
        elif payment.state is PaymentState.FAILED:
            order.decline(payment.failure_code or "", now)
        refunded = Money(payment.refunded, payment.amount.currency)
        if payment.refunded or before:
            order.refund(refunded, now, returned=payment.refunded < before)

    async def _undo(self, intent: Intent, returned: int) -> Intent | None:
        """Money for a cancelled order goes back and an open intent is closed, each once; None when all is done."""
        if intent.captured > intent.refunded:
            now = await self._give_back(intent, returned)
        elif intent.state in LIVE:
            now = await self.gateway.cancel_intent(intent.id)
        else:
            return None
        return now if now != intent else None  # a bank is at it: what it says will be told

    async def _give_back(self, intent: Intent, returned: int) -> Intent:
        owed = Money(intent.captured - intent.refunded, intent.amount.currency)
        again = f":{returned}" if returned else ""  # a bank sent it back
        try:
            return await self.gateway.refund(intent.id, owed, key=f"cancelled:{intent.order}:{intent.refunded}{again}")
        except ExceedsRefundable:
            now = await self.gateway.intent(intent.id)
            if now is None or now.refunded <= intent.refunded:
                raise
            return now  # another refund was quicker


async def end_refund(tx: Transaction, order: Order, id: RefundId, state: RefundState, at: datetime) -> None:
    """A locked order's refund came to its end: its pieces return to the shelf. The caller saves the order."""
    returning = order.end_refund(id, state, at)
    shelf = await tx.stock.take(returning)
    shelf.take_back(returning, order.id, at)
    await tx.stock.save(shelf)


@dataclass(frozen=True, slots=True)
class ConfirmInSandbox:
    """Plays the browser's part of a payment: the card is tried, and what came of it is settled."""

    store: Store
    cards: SandboxCards
    settle: Settle

    async def __call__(self, who: Actor, intent_id: str, card: str) -> PaymentState:
        """Raises PaymentNotFound if it is not the caller's, PaymentDeclined, OrderNotPayable, InvalidField."""
        async with self.store.transaction() as tx:
            payment = await tx.payments.take_by_intent(intent_id)
            order = await tx.orders.get(payment.order)
        if not (who.holds(order.placement.guest) or who.owns(payment.user) or may(who, Permission.WRITE_ORDERS)):
            raise PaymentNotFound
        try:
            intent = await self.cards.confirm(intent_id, card)
        except PaymentDeclined:
            await self.settle(intent_id)
            raise
        await self.settle(intent_id)
        return intent.state


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Asks the gateway about open payments, so that losing every webhook loses no order. Returns how many."""

    store: Store
    settle: Settle
    clock: Clock

    async def __call__(self) -> int:
        async with self.store.transaction() as tx:
            open_intents = await tx.payments.open_since(self.clock() - FRESH, BATCH)
        for intent_id in open_intents:
            try:
                await self.settle(intent_id)
            except (DomainError, Unavailable, Busy) as error:
                log.warning("payment not reconciled", extra={"intent": intent_id, "reason": repr(error)})
        return len(open_intents)
