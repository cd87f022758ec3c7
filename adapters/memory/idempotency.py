"""First answers by idempotency key, in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from adapters.memory.tables import Claimed, MemoryDatabase, Tables
from application.idempotency import Answer, Claim, Once, Overtaken, Remembered
from application.ports import Clock

ANSWERED = Claimed(0, datetime.min.replace(tzinfo=UTC), None)  # at once, without a claim


@dataclass(frozen=True, slots=True)
class MemoryMemory:
    database: MemoryDatabase
    clock: Clock

    async def recall(self, once: Once) -> Remembered | None:
        return self.database.tables.answers.get((once.actor, once.key))

    async def remember_refusal(self, once: Once, answer: Answer) -> Remembered:
        async with self.database.transaction() as unit:
            if (once.actor, once.key) not in unit.tables.answers:
                keep(unit.tables, once, answer)
            return unit.tables.answers[once.actor, once.key]

    @asynccontextmanager
    async def together(self, once: Once) -> AsyncIterator[Remembered | None]:
        async with self.database.frame() as unit:
            yield unit.tables.answers.get((once.actor, once.key))

    async def remember(self, once: Once, answer: Answer) -> None:
        async with self.database.transaction() as unit:
            keep(unit.tables, once, answer)

    async def claim(self, once: Once, lease: timedelta) -> Claim | Remembered:
        name, now = (once.actor, once.key), self.clock()
        async with self.database.transaction() as unit:
            tables = unit.tables
            if name not in tables.answers:
                tables.answers[name] = Remembered(once.route, once.fingerprint, None, None)
                tables.claims[name] = Claimed(0, now, now)
            kept, before = tables.answers[name], tables.claims.get(name, ANSWERED)
            if not kept.fits(once) or before.until is None or before.until > now:
                return kept if before.until is None else replace(kept, status=None, body=None)
            ours = Claimed(before.fence + 1, before.since, now + lease if kept.body is None else None)
            tables.claims[name] = ours
        return Claim(once, ours.fence, ours.since) if kept.body is None else kept

    async def conclude(self, claim: Claim, answer: Answer) -> None:
        async with self.database.transaction() as unit:
            hold(unit.tables, claim)
            keep(unit.tables, claim.once, answer)
            _end(unit.tables, claim)

    async def release(self, claim: Claim, *, nothing_done: bool) -> None:
        name = (claim.once.actor, claim.once.key)
        async with self.database.transaction() as unit:
            held = unit.tables.claims.get(name)
            if held is None or held.fence != claim.fence or name not in unit.tables.answers:
                return
            if unit.tables.answers[name].body is not None:
                _end(unit.tables, claim)
            elif nothing_done:
                del unit.tables.claims[name], unit.tables.answers[name]
            else:
                unit.tables.claims[name] = replace(held, until=self.clock())


def keep(tables: Tables, once: Once, answer: Answer) -> None:
    kept = Remembered(once.route, once.fingerprint, answer.status, answer.body, answer.headers)
    tables.answers[once.actor, once.key] = kept


def hold(tables: Tables, claim: Claim) -> None:
    """Raises Overtaken where the claim is another's by now."""
    held = tables.claims.get((claim.once.actor, claim.once.key))
    if held is None or held.fence != claim.fence:
        raise Overtaken


def _end(tables: Tables, claim: Claim) -> None:
    name = (claim.once.actor, claim.once.key)
    tables.claims[name] = replace(tables.claims[name], until=None)
