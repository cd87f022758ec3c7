"""The outbox on PostgreSQL: positions by one dispatcher at a time, deliveries leased from their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import msgspec

from adapters.postgres.database import Database, statement
from application.outbox import Delivery, Outcome, Subscription
from application.ports import StoredEvent

DISPATCHER = 7_305_808_869_232_210_025  # any number, as long as nobody else locks it
HAS_NEWS = "select exists (select from outbox where position is null)"
BE_THE_DISPATCHER = "select pg_try_advisory_xact_lock($1)"
DUE = """
select handler from unnest($1::text[]) as handler where exists (
    select from delivery
     where delivery.handler = handler.handler and done_at is null and dead_at is null and due_at <= now())
"""


@dataclass(frozen=True, slots=True)
class PostgresOutbox:
    """`Outbox`, told by the database's clock."""

    database: Database

    async def dispatch(self, subscriptions: Sequence[Subscription], limit: int) -> int:
        async with self.database.connection() as connection:
            if not await connection.fetchval(HAS_NEWS):
                return 0
        async with self.database.transaction() as connection:
            # A statement of its own: the next one must see all that the dispatcher before us has committed.
            if not await connection.fetchval(BE_THE_DISPATCHER, DISPATCHER):
                return 0
            types, handlers = [each[0] for each in subscriptions], [each[1] for each in subscriptions]
            dispatched: int = await connection.fetchval(statement("outbox_dispatch"), limit, types, handlers)
            return dispatched

    async def due(self, handlers: Sequence[str]) -> Sequence[str]:
        async with self.database.connection() as connection:
            return [row["handler"] for row in await connection.fetch(DUE, list(handlers))]

    async def lease(self, handler: str, limit: int, lease: timedelta) -> Sequence[Delivery]:
        async with self.database.connection() as connection:
            rows = await connection.fetch(statement("outbox_lease"), handler, limit, lease)
        return [Delivery(stored_event(row), row["attempts"]) for row in rows]

    async def settle(self, handler: str, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        columns = zip(*((each.event, each.attempts, each.error, each.retry_in) for each in outcomes), strict=True)
        async with self.database.connection() as connection:
            await connection.execute(statement("outbox_settle"), handler, *map(list, columns))


def stored_event(row: asyncpg.Record) -> StoredEvent:
    return StoredEvent(
        id=row["id"],
        type=row["type"],
        aggregate=row["aggregate"],
        aggregate_id=row["aggregate_id"],
        seq=row["seq"],
        at=row["at"],
        data=msgspec.json.decode(row["data"]),
        actor=row.get("actor"),
        request_id=row.get("request_id"),
    )
