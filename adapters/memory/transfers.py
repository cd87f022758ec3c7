"""Imports and exports in memory, with their files in chunks."""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.transfers import Kind, Outcome, Transfer, TransferId, TransferNotFound, TransferStatus

OPEN = (TransferStatus.QUEUED, TransferStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class MemoryTransfers:
    unit: MemoryUnit

    async def take(self, id: TransferId) -> Transfer:
        if id not in self.unit.tables.transfers:
            raise TransferNotFound
        return deepcopy(self.unit.tables.transfers[id])

    async def take_due(self, kind: Kind, at: datetime) -> Transfer | None:
        waiting = [one for one in self.unit.tables.transfers.values() if one.kind is kind and _is_due(one, at)]
        return deepcopy(min(waiting, key=lambda one: one.due_at, default=None))

    async def save(self, transfer: Transfer) -> None:
        self.unit.guard(self.unit.tables.transfers.get(transfer.id), transfer)
        before = transfer.version
        self.unit.publish(transfer, transfer.id)
        transfer.version = before + 1
        self.unit.tables.transfers[transfer.id] = deepcopy(transfer)

    async def write(self, id: TransferId, attempt: int, position: int, data: bytes) -> None:
        self.unit.tables.chunks[id, attempt, position] = data

    async def read(self, id: TransferId, attempt: int, position: int) -> bytes | None:
        return self.unit.tables.chunks.get((id, attempt, position))

    async def discard(self, id: TransferId, but: int | None = None) -> None:
        chunks = self.unit.tables.chunks
        self.unit.tables.chunks = {key: data for key, data in chunks.items() if key[0] != id or key[1] == but}

    async def forget(self, before: datetime, limit: int) -> int:
        tables = self.unit.tables
        ended = [one for one in tables.transfers.values() if one.finished_at is not None and one.finished_at < before]
        for one in ended[:limit]:
            del tables.transfers[one.id]
            await self.discard(one.id)
        return len(ended[:limit])


@dataclass(frozen=True, slots=True)
class MemoryTransferViews:
    database: MemoryDatabase
    cursors: Cursors

    async def find(self, id: TransferId) -> Transfer | None:
        return deepcopy(self.database.tables.transfers.get(id))

    async def list(self, kind: Kind, page: PageRequest) -> Page[Transfer]:
        position = self.cursors.open(page.cursor, kind) if page.cursor else None
        all_ = [one for one in self.database.tables.transfers.values() if one.kind is kind]
        found = [replace(one, outcome=Outcome(counts=one.outcome.counts)) for one in newest_first(all_, position)]
        return paged(found[: page.size + 1], page.size, position, made_at, self.cursors, kind)


def _is_due(transfer: Transfer, at: datetime) -> bool:
    return transfer.status in OPEN and transfer.due_at <= at
