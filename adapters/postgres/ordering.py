"""Orders on PostgreSQL: one statement loads an order with its lines; lines are written once, by checkout."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.database import Database, statement
from adapters.postgres.unit import Unit, guarded
from application.ordering import OrderFilters, OrderSummary, Reference
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.money import Money
from domain.ordering import (
    Moment,
    Order,
    OrderId,
    OrderLine,
    OrderNotFound,
    PaymentStatus,
    Placement,
    Refund,
    Shipment,
    Status,
)

GET = statement("order_get")
BY_ID = GET + " where o.id = $1"
LOCK = "select 1 from purchase where id = $1 for no key update"
BY_NUMBER = GET + " where o.number = $1"
SAVE = """
update purchase set status = $3, payment_status = $4, timeline = $5, paid_at = $6, shipped_at = $7, delivered_at = $8,
    cancelled_at = $9, version = $10, shipments = $11
where id = $1 and version = $2
"""
SAVE_REFUNDS = """
insert into refund (id, purchase_id, amount, reason, asked_at, items, restock, state)
select r.id, $1, r.amount, r.reason, r.asked_at, r.items, r.restock, r.state
from unnest($2::uuid[], $3::bigint[], $4::text[], $5::timestamptz[], $6::jsonb[], $7::boolean[], $8::text[])
    as r(id, amount, reason, asked_at, items, restock, state)
on conflict (id) do update set state = excluded.state where refund.state <> excluded.state
"""
DUE = "select id from purchase where status = 'pending' and expires_at <= $1 order by expires_at limit $2"

LINES: Final = msgspec.json.Decoder(tuple[OrderLine, ...])
MOMENTS: Final = msgspec.json.Decoder(tuple[Moment, ...])
SHIPMENTS: Final = msgspec.json.Decoder(tuple[Shipment, ...])
REFUNDS: Final = msgspec.json.Decoder(tuple[Refund, ...])
PLACEMENT: Final = msgspec.json.Decoder(Placement)


def order_of(row: asyncpg.Record) -> Order:
    """The order in a row of `order_get.sql`."""

    def money(amount: str) -> Money:
        return Money(row[amount], row["currency"])

    return Order(
        id=row["id"],
        number=row["number"],
        placement=PLACEMENT.decode(row["placement"]),
        lines=LINES.decode(row["lines"]),
        subtotal=money("subtotal"),
        discount=money("discount"),
        tax=money("tax"),
        shipping=money("shipping"),
        total=money("total"),
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        status=Status(row["status"]),
        payment_status=PaymentStatus(row["payment_status"]),
        timeline=MOMENTS.decode(row["timeline"]),
        shipments=SHIPMENTS.decode(row["shipments"]),
        refunds=REFUNDS.decode(row["refunds"]) if row["refunds"] else (),
        paid_at=row["paid_at"],
        shipped_at=row["shipped_at"],
        delivered_at=row["delivered_at"],
        cancelled_at=row["cancelled_at"],
        version=row["version"],
    )


@dataclass(frozen=True, slots=True)
class PostgresOrders:
    unit: Unit

    async def get(self, id: OrderId) -> Order:
        row = await self.unit.connection.fetchrow(BY_ID, id)
        if row is None:
            raise OrderNotFound
        return order_of(row)

    async def take(self, id: OrderId) -> Order:
        # Who waits for a lock sees the row anew, but other tables as they were before: so the refunds are read after.
        await self.unit.connection.execute(LOCK, id)
        return await self.get(id)

    async def save(self, order: Order) -> None:
        before = order.version
        self.unit.publish(order, order.id)
        guarded(
            await self.unit.connection.execute(
                SAVE,
                order.id,
                before,
                order.status,
                order.payment_status,
                msgspec.json.encode(order.timeline).decode(),
                order.paid_at,
                order.shipped_at,
                order.delivered_at,
                order.cancelled_at,
                order.version,
                msgspec.json.encode(order.shipments).decode(),
            )
        )
        if order.refunds:
            await self.unit.connection.execute(SAVE_REFUNDS, order.id, *_columns(order.refunds))

    async def due(self, now: datetime, limit: int) -> list[OrderId]:
        return [row["id"] for row in await self.unit.connection.fetch(DUE, now, limit)]


def _columns(refunds: tuple[Refund, ...]) -> list[list[Any]]:
    rows = (
        (r.id, r.amount.amount, r.reason, r.asked_at, msgspec.json.encode(r.items).decode(), r.restock, r.state)
        for r in refunds
    )
    return [list(column) for column in zip(*rows, strict=True)]


LIST = """
select id, number, status, payment_status, total, currency, items_count, created_at from purchase
where ($1::uuid is null or user_id = $1)
  and ($2::text[] is null or status = any($2))
  and ($3::text is null or payment_status = $3)
  and ($4::timestamptz is null or created_at >= $4)
  and ($5::timestamptz is null or created_at < $5)
  and ($6::text is null or strpos(lower(number), lower($6)) > 0 or strpos(lower(email), lower($6)) > 0)
  and ($7::timestamptz is null or (created_at, id) {beyond} ($7, $8::uuid))
order by created_at {way}, id {way} limit $9
"""
ORDER = "orders"
OLDER = LIST.format(beyond="<", way="desc")
NEWER = LIST.format(beyond=">", way="asc")


@dataclass(frozen=True, slots=True)
class PostgresOrderViews:
    database: Database
    cursors: Cursors

    async def find(self, reference: Reference) -> Order | None:
        query = BY_NUMBER if isinstance(reference, str) else BY_ID
        async with self.database.connection() as connection:
            row = await connection.fetchrow(query, reference)
        return order_of(row) if row else None

    async def list(self, filters: OrderFilters, page: PageRequest) -> Page[OrderSummary]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                query,
                filters.user,
                filters.statuses,
                filters.payment_status,
                filters.created_after,
                filters.created_before,
                filters.q,
                at,
                last,
                page.size + 1,
            )
        found = [_summary(row) for row in rows]
        return paged(found, page.size, position, lambda order: (order.created_at, order.id), self.cursors, ORDER)


def _summary(row: asyncpg.Record) -> OrderSummary:
    return OrderSummary(
        row["id"],
        row["number"],
        row["status"],
        row["payment_status"],
        str(Money(row["total"], row["currency"])),
        row["currency"],
        row["items_count"],
        row["created_at"],
    )
