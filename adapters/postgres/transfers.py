"""Imports and exports on PostgreSQL: leased from their rows, with their files beside them in chunks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.database import Database, statement
from adapters.postgres.unit import Unit, guarded
from application.paging import Cursors, paged
from application.ports import Page, PageRequest, StaleWrite
from domain.accounts import UserId
from domain.transfers import (
    Failure,
    Finding,
    Kind,
    Outcome,
    Transfer,
    TransferId,
    TransferNotFound,
    TransferStatus,
)

BY_ID = "select * from transfer where id = $1"
BY_ID_LOCKED = f"{BY_ID} for no key update"
DUE = """
select * from transfer where kind = $1 and status in ('queued', 'running') and due_at <= $2
order by due_at limit 1 for no key update skip locked
"""
WRITE = "insert into transfer_chunk (transfer_id, attempt, position, data) values ($1, $2, $3, $4)"
READ = "select data from transfer_chunk where transfer_id = $1 and attempt = $2 and position = $3"
DISCARD = "delete from transfer_chunk where transfer_id = $1 and attempt is distinct from $2"
FORGET = """
delete from transfer where id in (
    select id from transfer where finished_at < $1 order by finished_at limit $2 for update skip locked)
"""
LIST = """
select id, kind, file_name, encoding, dry_run, restock, requested_by, status, attempts, due_at, done, total, counts,
    '[]'::jsonb as errors, '[]'::jsonb as notes, failure, created_at, started_at, finished_at, version
from transfer
where kind = $1 and ($2::timestamptz is null or (created_at, id) {beyond} ($2, $3::uuid))
order by created_at {way}, id {way} limit $4
"""
OLDER = LIST.format(beyond="<", way="desc")
NEWER = LIST.format(beyond=">", way="asc")

FINDINGS = msgspec.json.Decoder(tuple[Finding, ...])
FAILURE = msgspec.json.Decoder(Failure)
COUNTS = msgspec.json.Decoder(dict[str, int])


def transfer_of(row: asyncpg.Record) -> Transfer:
    return Transfer(
        id=TransferId(row["id"]),
        kind=Kind(row["kind"]),
        requested_by=None if row["requested_by"] is None else UserId(row["requested_by"]),
        created_at=row["created_at"],
        due_at=row["due_at"],
        file_name=row["file_name"],
        encoding=row["encoding"],
        dry_run=row["dry_run"],
        restock=row["restock"],
        status=TransferStatus(row["status"]),
        attempts=row["attempts"],
        done=row["done"],
        total=row["total"],
        outcome=Outcome(
            counts=COUNTS.decode(row["counts"]),
            errors=FINDINGS.decode(row["errors"]),
            notes=FINDINGS.decode(row["notes"]),
        ),
        failure=None if row["failure"] is None else FAILURE.decode(row["failure"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        version=row["version"],
    )


@dataclass(frozen=True, slots=True)
class PostgresTransfers:
    unit: Unit

    async def take(self, id: TransferId) -> Transfer:
        row = await self.unit.connection.fetchrow(BY_ID_LOCKED, id)
        if row is None:
            raise TransferNotFound
        return transfer_of(row)

    async def take_due(self, kind: Kind, at: datetime) -> Transfer | None:
        row = await self.unit.connection.fetchrow(DUE, kind, at)
        return transfer_of(row) if row else None

    async def save(self, transfer: Transfer) -> None:
        before = transfer.version
        self.unit.publish(transfer, transfer.id)
        transfer.version = before + 1
        state = (transfer.status, transfer.attempts, transfer.due_at, transfer.done, transfer.total)
        outcome, failure = transfer.outcome, transfer.failure
        told = (_json(outcome.counts), _json(outcome.errors), _json(outcome.notes), failure and _json(failure))
        ends = (transfer.started_at, transfer.finished_at, transfer.version)
        if before:
            guarded(
                await self.unit.connection.execute(
                    statement("transfer_update"), transfer.id, before, *state, *told, *ends
                )
            )
            return
        asked = (transfer.kind, transfer.file_name, transfer.encoding, transfer.dry_run, transfer.restock)
        origin = (transfer.requested_by, transfer.created_at)
        try:
            await self.unit.connection.execute(
                statement("transfer_insert"), transfer.id, *asked, *origin, *state, *told, *ends
            )
        except asyncpg.UniqueViolationError as error:
            raise StaleWrite from error

    async def write(self, id: TransferId, attempt: int, position: int, data: bytes) -> None:
        await self.unit.connection.execute(WRITE, id, attempt, position, data)

    async def read(self, id: TransferId, attempt: int, position: int) -> bytes | None:
        data: bytes | None = await self.unit.connection.fetchval(READ, id, attempt, position)
        return data

    async def discard(self, id: TransferId, but: int | None = None) -> None:
        await self.unit.connection.execute(DISCARD, id, but)

    async def forget(self, before: datetime, limit: int) -> int:
        tag = await self.unit.connection.execute(FORGET, before, limit)
        return int(tag.rpartition(" ")[2])


@dataclass(frozen=True, slots=True)
class PostgresTransferViews:
    database: Database
    cursors: Cursors

    async def find(self, id: TransferId) -> Transfer | None:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(BY_ID, id)
        return transfer_of(row) if row else None

    async def list(self, kind: Kind, page: PageRequest) -> Page[Transfer]:
        position = self.cursors.open(page.cursor, kind) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, kind, at, last, page.size + 1)
        found = [transfer_of(row) for row in rows]
        return paged(found, page.size, position, lambda one: (one.created_at, one.id), self.cursors, kind)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
