"""Payments in memory."""

from dataclasses import dataclass
from datetime import datetime

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit, twin
from application.paging import Cursors, paged
from application.payments import PaymentView, payment_view
from application.ports import Page, PageRequest, StaleWrite
from domain.accounts import UserId
from domain.ordering import OrderId
from domain.payments import Payment, PaymentId, PaymentNotFound, PaymentState

ORDER = "payments"


@dataclass(frozen=True, slots=True)
class MemoryPayments:
    unit: MemoryUnit

    async def take_by_intent(self, intent: str) -> Payment:
        for payment in self.unit.tables.payments.values():
            if payment.intent == intent:
                return twin(payment)
        raise PaymentNotFound

    async def find_of(self, order: OrderId) -> Payment | None:
        return twin(self._of(order))

    async def cancelled_of(self, order: OrderId) -> int:
        payments = self.unit.tables.payments.values()
        return sum(one.order == order and one.state is PaymentState.CANCELLED for one in payments)

    async def open_since(self, before: datetime, limit: int) -> list[str]:
        live = [one for one in self.unit.tables.payments.values() if one.is_live and one.created_at < before]
        return [payment.intent for payment in sorted(live, key=lambda one: one.created_at)[:limit]]

    async def save(self, payment: Payment) -> None:
        self.unit.guard(self.unit.tables.payments.get(payment.id), payment)
        others = [one for one in self.unit.tables.payments.values() if one.id != payment.id]
        if any(one.intent == payment.intent or _rivals(one, payment) for one in others):
            raise StaleWrite
        self.unit.publish(payment, payment.id)
        self.unit.tables.payments[payment.id] = twin(payment)

    def _of(self, order: OrderId) -> Payment | None:
        payments = self.unit.tables.payments.values()
        return next((one for one in payments if one.order == order and one.state is not PaymentState.CANCELLED), None)


def _rivals(one: Payment, other: Payment) -> bool:
    """Two payments of one order, neither of them cancelled: the customer could be charged twice."""
    return one.order == other.order and PaymentState.CANCELLED not in {one.state, other.state}


@dataclass(frozen=True, slots=True)
class MemoryPaymentViews:
    database: MemoryDatabase
    cursors: Cursors

    async def find(self, id: PaymentId) -> Payment | None:
        return twin(self.database.tables.payments.get(id))

    async def list(self, user: UserId | None, page: PageRequest) -> Page[PaymentView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        theirs = [one for one in self.database.tables.payments.values() if user is None or one.user == user]
        rows = newest_first([payment_view(one) for one in theirs], position)
        return paged(rows[: page.size + 1], page.size, position, made_at, self.cursors, ORDER)
