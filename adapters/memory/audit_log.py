"""The audit log in memory: what is appended is handed out, never taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from adapters.memory.tables import MemoryDatabase
from application.audit_log.entries import Entry, EntryFilters, Head, chained
from application.paging import Cursors, Position, paged
from application.ports import Page, PageRequest

ORDER = "audit-log"


@dataclass(frozen=True, slots=True)
class MemoryAuditLog:
    database: MemoryDatabase
    cursors: Cursors

    async def extend(self, limit: int) -> int:
        async with self.database.transaction() as unit:
            tables = unit.tables
            last = tables.audit_log[-1] if tables.audit_log else None
            head = Head(last.number, last.position, last.hash) if last else Head()
            placed = ((tables.positions.get(event.id, 0), event) for event in tables.outbox if event.audited)
            waiting = sorted((each for each in placed if each[0] > head.position), key=lambda each: each[0])
            entries = list(chained(head, waiting[:limit]))
            tables.audit_log += entries
            return len(entries)

    async def read(self, after: int, limit: int) -> Sequence[Entry]:
        return [entry for entry in self.database.tables.audit_log if entry.number > after][:limit]

    async def unwritten(self, limit: int) -> Sequence[UUID]:
        tables = self.database.tables
        written = {entry.event for entry in tables.audit_log}
        last = max((entry.position for entry in tables.audit_log), default=0)
        told = (event.id for event in tables.outbox if event.audited and 0 < tables.positions.get(event.id, 0) <= last)
        return [event for event in told if event not in written][:limit]

    async def list(self, filters: EntryFilters, page: PageRequest) -> Page[Entry]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        matching = [entry for entry in self.database.tables.audit_log if _matches(entry, filters)]
        rows = _beyond(matching, position)[: page.size + 1]
        return paged(rows, page.size, position, lambda entry: (entry.number,), self.cursors, ORDER)


def _matches(entry: Entry, filters: EntryFilters) -> bool:
    wanted = ((filters.actor, entry.actor), (filters.action, entry.action), (filters.object, entry.object))
    return all(want in (None, told) for want, told in wanted) and (filters.since is None or entry.at >= filters.since)


def _beyond(entries: Iterable[Entry], position: Position | None) -> list[Entry]:
    """Behind the position, in its own way of reading."""
    if position and position.way == "previous":
        return [entry for entry in entries if entry.number > position.values[0]]
    newest_first = sorted(entries, key=lambda entry: entry.number, reverse=True)
    return [entry for entry in newest_first if position is None or entry.number < position.values[0]]
