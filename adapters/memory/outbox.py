"""The outbox in memory, and jobs that are done on the spot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.memory.tables import MemoryDatabase, Owed
from application.outbox import DeliverEvents, Delivery, Outcome, Subscription
from application.ports import Clock


@dataclass(frozen=True, slots=True)
class MemoryOutbox:
    """`Outbox`, told by the shop's clock."""

    database: MemoryDatabase
    clock: Clock

    async def dispatch(self, subscriptions: Sequence[Subscription], limit: int) -> int:
        async with self.database.transaction() as unit:
            tables = unit.tables
            known = len(tables.positions)
            fresh = tables.outbox[known : known + limit]
            for position, event in enumerate(fresh, known + 1):
                tables.positions[event.id] = position
                owed = {
                    (event.id, handler): Owed(self.clock()) for type_, handler in subscriptions if type_ == event.type
                }
                tables.deliveries |= owed
            return len(fresh)

    async def due(self, handlers: Sequence[str]) -> Sequence[str]:
        deliveries = self.database.tables.deliveries
        waiting = {handler for (_, handler), owed in deliveries.items() if self._is_due(owed)}
        return [handler for handler in handlers if handler in waiting]

    async def lease(self, handler: str, limit: int, lease: timedelta) -> Sequence[Delivery]:
        async with self.database.transaction() as unit:
            tables, leased = unit.tables, list[Delivery]()
            for event in tables.outbox:
                owed = tables.deliveries.get((event.id, handler))
                if owed and self._is_due(owed) and len(leased) < limit:
                    owed = replace(owed, attempts=owed.attempts + 1, due_at=self.clock() + lease)
                    tables.deliveries[event.id, handler] = owed
                    leased.append(Delivery(event, owed.attempts))
            return leased

    async def settle(self, handler: str, outcomes: Sequence[Outcome]) -> None:
        async with self.database.transaction() as unit:
            for outcome in outcomes:
                owed = unit.tables.deliveries[outcome.event, handler]
                if owed.attempts == outcome.attempts and not owed.done_at and not owed.dead_at:
                    unit.tables.deliveries[outcome.event, handler] = self._settled(owed, outcome)

    def _settled(self, owed: Owed, outcome: Outcome) -> Owed:
        now = self.clock()
        if outcome.error is None:
            return replace(owed, done_at=now)
        if outcome.retry_in is None:
            return replace(owed, dead_at=now, error=outcome.error)
        return replace(owed, due_at=now + outcome.retry_in, error=outcome.error)

    def _is_due(self, owed: Owed) -> bool:
        return owed.done_at is None and owed.dead_at is None and owed.due_at <= self.clock()


@dataclass(frozen=True, slots=True)
class InlineJobs:
    """`Jobs` in this very process, done before the hint returns."""

    deliver_events: DeliverEvents

    async def deliver(self, handler: str) -> None:
        await self.deliver_events(handler)
