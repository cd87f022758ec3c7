"""The audit log on PostgreSQL: one writer at a time follows the events' positions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.database import Database
from adapters.postgres.outbox import stored_event
from application.audit_log.entries import Entry, EntryFilters, Head, chained
from application.paging import Cursors, Position, paged
from application.ports import Page, PageRequest

WRITER = 7_305_808_869_232_210_026  # any number, as long as nobody else locks it
BE_THE_WRITER = "select pg_try_advisory_xact_lock($1)"
HEAD = "select number, position, hash from audit_log order by number desc limit 1"
HAS_NEWS = """
select exists (select from outbox where audited and position > (select coalesce(max(position), 0) from (
    select position from audit_log order by number desc limit 1) as last))
"""
# A dispatcher numbers in one transaction, after the one before it: what is seen leaves no gap that fills later.
WAITING = "select * from outbox where audited and position > $1 order by position limit $2"
APPEND = """
insert into audit_log (number, event_id, position, at, actor, action, object, before, after, request_id, hash)
select * from unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
    $8::jsonb[], $9::jsonb[], $10::text[], $11::bytea[])
"""
READ = "select * from audit_log where number > $1 order by number limit $2"
UNWRITTEN = """
select id from outbox
 where audited and position <= (select max(position) from audit_log)
   and not exists (select from audit_log where event_id = outbox.id)
 order by position limit $1
"""
LIST = "select * from audit_log where {clauses} order by number {way} limit {limit}"
CLAUSES = {"actor": "actor = ${}", "action": "action = ${}", "object": "object = ${}", "since": "at >= ${}"}
BEYOND = {"next": ("number < ${}", "desc"), "previous": ("number > ${}", "asc")}
ORDER = "audit-log"


@dataclass(frozen=True, slots=True)
class PostgresAuditLog:
    database: Database
    cursors: Cursors

    async def extend(self, limit: int) -> int:
        async with self.database.connection() as connection:
            if not await connection.fetchval(HAS_NEWS):
                return 0
        async with self.database.transaction() as connection:
            # A statement of its own: the next one must see all that the writer before us has committed.
            if not await connection.fetchval(BE_THE_WRITER, WRITER):
                return 0
            row = await connection.fetchrow(HEAD)
            head = Head(row["number"], row["position"], row["hash"].hex()) if row else Head()
            rows = await connection.fetch(WAITING, head.position, limit)
            entries = list(chained(head, [(row["position"], stored_event(row)) for row in rows]))
            if entries:
                await connection.execute(APPEND, *map(list, zip(*map(columns, entries), strict=True)))
            return len(entries)

    async def read(self, after: int, limit: int) -> Sequence[Entry]:
        async with self.database.connection() as connection:
            return [_entry(row) for row in await connection.fetch(READ, after, limit)]

    async def unwritten(self, limit: int) -> Sequence[UUID]:
        async with self.database.connection() as connection:
            return [row["id"] for row in await connection.fetch(UNWRITTEN, limit)]

    async def list(self, filters: EntryFilters, page: PageRequest) -> Page[Entry]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        query, values = _query(filters, position, page.size + 1)
        async with self.database.connection() as connection:
            rows = [_entry(row) for row in await connection.fetch(query, *values)]
        return paged(rows, page.size, position, lambda entry: (entry.number,), self.cursors, ORDER)


def _query(filters: EntryFilters, position: Position | None, limit: int) -> tuple[str, list[Any]]:
    wanted = [(CLAUSES[name], getattr(filters, name)) for name in CLAUSES if getattr(filters, name) is not None]
    beyond, way = BEYOND[position.way if position else "next"]
    if position:
        wanted.append((beyond, position.values[0]))
    clauses = " and ".join(_numbered(clause for clause, _ in wanted)) or "true"
    query = LIST.format(clauses=clauses, way=way, limit=f"${len(wanted) + 1}")
    return query, [*(value for _, value in wanted), limit]


def _numbered(clauses: Iterator[str]) -> Iterator[str]:
    return (clause.format(number) for number, clause in enumerate(clauses, 1))


def columns(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.number,
        entry.event,
        entry.position,
        entry.at,
        entry.actor,
        entry.action,
        entry.object,
        msgspec.json.encode(entry.before).decode(),
        msgspec.json.encode(entry.after).decode(),
        entry.request_id,
        bytes.fromhex(entry.hash),
    )


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        number=row["number"],
        event=row["event_id"],
        position=row["position"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        object=row["object"],
        before=msgspec.json.decode(row["before"]),
        after=msgspec.json.decode(row["after"]),
        request_id=row["request_id"],
        hash=row["hash"].hex(),
    )
