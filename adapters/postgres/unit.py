"""The unit of work: one transaction's connection, and the events and movements that leave with its commit."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.database import statement
from application.acting import acting
from application.audit_log.rules import is_audited
from application.freshness import Changed
from application.ports import NewId, StaleWrite
from domain.aggregate import Aggregate, Event
from domain.inventory import Movement


@dataclass(slots=True)
class Unit:
    """What the repositories of one transaction share."""

    connection: asyncpg.Connection
    new_id: NewId
    outbox: list[tuple[Any, ...]] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)

    def publish(self, aggregate: Aggregate, id: UUID) -> None:
        """Number the recorded events and put them into the outbox with the commit. Moves the aggregate's version on."""
        number = aggregate.version
        name = type(aggregate).__name__.lower()
        for seq, event in enumerate(aggregate.drain(), number + 1):
            self.tell(event, name, id, seq)

    @property
    def changed(self) -> Changed:
        """What readers may see otherwise after the commit."""
        told = {(row[2], row[3]) for row in self.outbox}
        return Changed(
            products=frozenset(key for name, key in told if name == "product"),
            skus=frozenset(move.sku for move in self.movements),
            categories=any(name == "category" for name, _ in told),
        )

    def tell(self, event: Event, aggregate: str, id: UUID, seq: int) -> None:
        """Publish an event of what counts by itself."""
        told = (self.new_id(), type(event).__name__, aggregate, id, seq, event.at, event_data(event))
        by = acting.get()
        self.outbox.append((*told, by.actor, by.request, is_audited(event, by)))

    async def flush(self) -> None:
        """Write what is to be written last, in one statement each."""
        if self.outbox:
            await self.connection.execute(statement("outbox_insert"), *map(list, zip(*self.outbox, strict=True)))
        if self.movements:
            await self.connection.execute(statement("movement_insert"), *movement_columns(self.movements))


def event_data(event: Event) -> str:
    """The event's fields as JSON."""
    return msgspec.json.encode(event).decode()


def movement_columns(movements: list[Movement]) -> list[list[Any]]:
    rows = ((m.sku, m.number, m.on_hand, m.reserved, m.reason, m.at, m.order, m.note, m.by) for m in movements)
    return [list(column) for column in zip(*rows, strict=True)]


def guarded(outcome: str) -> None:
    """Look at a command's tag, such as "UPDATE 1". Raises StaleWrite where no row had the version that was read."""
    if outcome.endswith(" 0"):
        raise StaleWrite
