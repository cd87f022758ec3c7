"""Payments on PostgreSQL; a partial unique index keeps an order from having two."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from adapters.postgres.database import Database
from adapters.postgres.unit import Unit, guarded
from application.paging import Cursors, paged
from application.payments import PaymentView, payment_view
from application.ports import Page, PageRequest, StaleWrite
from domain.accounts import UserId
from domain.money import Money
from domain.ordering import OrderId
from domain.payments import Payment, PaymentId, PaymentNotFound, PaymentState

BY_ID = "select * from payment where id = $1"
BY_INTENT_LOCKED = "select * from payment where intent = $1 for no key update"
OF_ORDER = "select * from payment where order_id = $1 and state <> 'cancelled'"
CANCELLED_OF = "select count(*) from payment where order_id = $1 and state = 'cancelled'"
OPEN = """
select intent from payment where state in ('pending', 'processing', 'failed') and created_at < $1
order by created_at limit $2
"""
INSERT = """
insert into payment (id, order_id, order_number, user_id, amount, currency, intent, state, captured, refunded,
    failure_code, created_at, paid_at, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
UPDATE = """
update payment set state = $3, captured = $4, refunded = $5, failure_code = $6, paid_at = $7, version = $8,
    changed_at = $9
where id = $1 and version = $2
"""
LIST = """
select * from payment
where ($1::uuid is null or user_id = $1) and ($2::timestamptz is null or (created_at, id) {beyond} ($2, $3::uuid))
order by created_at {way}, id {way} limit $4
"""
ORDER = "payments"
OLDER = LIST.format(beyond="<", way="desc")
NEWER = LIST.format(beyond=">", way="asc")


def payment_of(row: asyncpg.Record) -> Payment:
    return Payment(
        id=row["id"],
        order=row["order_id"],
        order_number=row["order_number"],
        user=row["user_id"],
        amount=Money(row["amount"], row["currency"]),
        intent=row["intent"],
        created_at=row["created_at"],
        state=PaymentState(row["state"]),
        captured=row["captured"],
        refunded=row["refunded"],
        failure_code=row["failure_code"],
        paid_at=row["paid_at"],
        changed_at=row["changed_at"],
        version=row["version"],
    )


@dataclass(frozen=True, slots=True)
class PostgresPayments:
    unit: Unit

    async def take_by_intent(self, intent: str) -> Payment:
        row = await self.unit.connection.fetchrow(BY_INTENT_LOCKED, intent)
        if row is None:
            raise PaymentNotFound
        return payment_of(row)

    async def find_of(self, order: OrderId) -> Payment | None:
        row = await self.unit.connection.fetchrow(OF_ORDER, order)
        return payment_of(row) if row else None

    async def cancelled_of(self, order: OrderId) -> int:
        return int(await self.unit.connection.fetchval(CANCELLED_OF, order))

    async def open_since(self, before: datetime, limit: int) -> list[str]:
        return [row["intent"] for row in await self.unit.connection.fetch(OPEN, before, limit)]

    async def save(self, payment: Payment) -> None:
        before = payment.version
        self.unit.publish(payment, payment.id)
        state = (payment.state, payment.captured, payment.refunded, payment.failure_code)
        if before:
            changed = (payment.id, before, *state, payment.paid_at, payment.version, payment.changed_at)
            guarded(await self.unit.connection.execute(UPDATE, *changed))
            return
        owner = (payment.id, payment.order, payment.order_number, payment.user)
        asked = (payment.amount.amount, payment.amount.currency, payment.intent)
        ends = (payment.created_at, payment.paid_at, payment.version)
        try:
            await self.unit.connection.execute(INSERT, *owner, *asked, *state, *ends)
        except asyncpg.UniqueViolationError as error:
            raise StaleWrite from error


@dataclass(frozen=True, slots=True)
class PostgresPaymentViews:
    database: Database
    cursors: Cursors

    async def find(self, id: PaymentId) -> Payment | None:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(BY_ID, id)
        return payment_of(row) if row else None

    async def list(self, user: UserId | None, page: PageRequest) -> Page[PaymentView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, user, at, last, page.size + 1)
        found = [payment_view(payment_of(row)) for row in rows]
        return paged(found, page.size, position, lambda payment: (payment.created_at, payment.id), self.cursors, ORDER)
