"""What every outbox must do: number events without gaps, lease each delivery to one, remember what became of it."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

import asyncpg
import msgspec
import pytest
from uuid_utils.compat import uuid7

from adapters.memory.outbox import MemoryOutbox
from adapters.memory.tables import MemoryDatabase, Owed
from adapters.postgres.database import Database, statement
from adapters.postgres.outbox import PostgresOutbox
from application.freshness import Bulletin
from application.outbox import Outbox, Outcome
from application.ports import StoredEvent

SUBSCRIPTIONS = [("Made", "Tell"), ("Made", "Count"), ("Ended", "Count")]
LEASE = timedelta(seconds=30)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BY = ("shop", None, False)


def an_event(kind: str = "Made", aggregate: UUID | None = None, seq: int = 1) -> StoredEvent:
    return StoredEvent(
        uuid7(), kind, "thing", aggregate or uuid7(), seq, NOON, {"at": "2026-11-22T12:00:00Z", "n": seq}
    )


class Bench(Protocol):
    """An outbox to be tested, and what the test must do and see beside it."""

    @property
    def outbox(self) -> Outbox: ...
    async def publish(self, *events: StoredEvent) -> None: ...
    async def positions(self) -> dict[UUID, int]: ...
    async def owed(self, event: StoredEvent, handler: str) -> Owed | None: ...
    async def let_pass(self, time: timedelta) -> None: ...
    async def now(self) -> datetime: ...


@dataclass
class MemoryBench:
    time: datetime = NOON
    database: MemoryDatabase = field(default_factory=lambda: MemoryDatabase(uuid7, Bulletin()))

    @property
    def outbox(self) -> Outbox:
        return MemoryOutbox(self.database, lambda: self.time)

    async def publish(self, *events: StoredEvent) -> None:
        async with self.database.transaction() as unit:
            unit.tables.outbox.extend(events)

    async def positions(self) -> dict[UUID, int]:
        return self.database.tables.positions

    async def owed(self, event: StoredEvent, handler: str) -> Owed | None:
        return self.database.tables.deliveries.get((event.id, handler))

    async def let_pass(self, time: timedelta) -> None:
        self.time += time

    async def now(self) -> datetime:
        return self.time


@dataclass
class PostgresBench:
    database: Database

    @property
    def outbox(self) -> Outbox:
        return PostgresOutbox(self.database)

    async def publish(self, *events: StoredEvent) -> None:
        async with self.database.connection() as connection:
            await insert(connection, events)

    async def positions(self) -> dict[UUID, int]:
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "select id, position from outbox where position is not null order by position"
            )
        return {row["id"]: row["position"] for row in rows}

    async def owed(self, event: StoredEvent, handler: str) -> Owed | None:
        text = "select due_at, attempts, done_at, dead_at, error from delivery where event_id = $1 and handler = $2"
        async with self.database.connection() as connection:
            row = await connection.fetchrow(text, event.id, handler)
        return Owed(*row) if row else None

    async def let_pass(self, time: timedelta) -> None:
        async with self.database.connection() as connection:
            await connection.execute("update delivery set due_at = due_at - $1::interval", time)

    async def now(self) -> datetime:
        async with self.database.connection() as connection:
            now: datetime = await connection.fetchval("select now()")
            return now


async def insert(connection: asyncpg.Connection, events: Sequence[StoredEvent]) -> None:
    rows = [
        (e.id, e.type, e.aggregate, e.aggregate_id, e.seq, e.at, msgspec.json.encode(e.data).decode(), *BY)
        for e in events
    ]
    await connection.execute(statement("outbox_insert"), *map(list, zip(*rows, strict=True)))


@pytest.fixture(params=["memory", "postgres"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "memory":
        yield MemoryBench()
        return
    database = Database(request.getfixturevalue("postgres_url"))
    async with database.connection() as connection:
        await connection.execute("truncate outbox cascade")
    yield PostgresBench(database)
    await database.close()


async def test_events_are_numbered_from_one_without_gaps_in_the_order_in_which_they_came(bench: Bench) -> None:
    events = [an_event() for _ in range(5)]
    await bench.publish(*events)
    assert await bench.outbox.dispatch(SUBSCRIPTIONS, 3) == 3
    assert await bench.outbox.dispatch(SUBSCRIPTIONS, 3) == 2
    assert await bench.outbox.dispatch(SUBSCRIPTIONS, 3) == 0
    assert await bench.positions() == {event.id: number for number, event in enumerate(events, 1)}


async def test_an_event_is_owed_to_each_of_its_handlers_and_to_nobody_else(bench: Bench) -> None:
    made, ended, lost = an_event("Made"), an_event("Ended"), an_event("Lost")
    await bench.publish(made, ended, lost)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    assert await bench.owed(made, "Tell") is not None
    assert await bench.owed(made, "Count") is not None
    assert await bench.owed(ended, "Tell") is None
    assert await bench.owed(ended, "Count") is not None
    assert await bench.owed(lost, "Tell") is None
    assert (await bench.positions())[lost.id] == 3
    assert sorted(await bench.outbox.due(["Count", "Tell", "Sleep"])) == ["Count", "Tell"]


async def test_an_event_that_commits_late_is_not_skipped(bench: Bench) -> None:
    early, late = an_event(), an_event()
    await bench.publish(late)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    await bench.publish(early)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    assert await bench.positions() == {late.id: 1, early.id: 2}


async def test_a_delivery_is_leased_to_one_and_comes_back_when_the_lease_ends(bench: Bench) -> None:
    event = an_event()
    await bench.publish(event)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    first = await bench.outbox.lease("Tell", 10, LEASE)
    assert [(each.event, each.attempts) for each in first] == [(event, 1)]
    assert await bench.outbox.lease("Tell", 10, LEASE) == []
    assert await bench.outbox.due(["Tell"]) == []
    await bench.let_pass(LEASE)
    second = await bench.outbox.lease("Tell", 10, LEASE)
    assert [(each.event, each.attempts) for each in second] == [(event, 2)]


async def test_no_more_are_leased_than_asked_for_and_no_two_callers_get_the_same(bench: Bench) -> None:
    await bench.publish(*(an_event() for _ in range(40)))
    await bench.outbox.dispatch(SUBSCRIPTIONS, 100)
    leases = await asyncio.gather(*(bench.outbox.lease("Tell", 7, LEASE) for _ in range(8)))
    assert max(map(len, leases)) == 7
    leased = [delivery.event.id for lease in leases for delivery in lease]
    assert len(leased) == len(set(leased)) == 40


async def test_what_is_done_is_done(bench: Bench) -> None:
    event = an_event()
    await bench.publish(event)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    await bench.outbox.lease("Tell", 10, LEASE)
    await bench.outbox.settle("Tell", [Outcome(event.id, 1)])
    await bench.let_pass(timedelta(days=9))
    assert await bench.outbox.due(["Tell", "Count"]) == ["Count"]
    owed = await bench.owed(event, "Tell")
    assert owed is not None
    assert (owed.done_at is not None, owed.dead_at, owed.error) == (True, None, None)


async def test_what_failed_is_offered_again_when_its_time_has_come_and_the_error_is_kept(bench: Bench) -> None:
    event = an_event()
    await bench.publish(event)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    await bench.outbox.lease("Tell", 10, LEASE)
    await bench.outbox.settle("Tell", [Outcome(event.id, 1, "Oops: no", timedelta(minutes=2))])
    owed = await bench.owed(event, "Tell")
    assert owed is not None
    assert (owed.attempts, owed.error) == (1, "Oops: no")
    assert timedelta(seconds=110) < owed.due_at - await bench.now() <= timedelta(minutes=2)
    assert await bench.outbox.due(["Tell"]) == []
    await bench.let_pass(timedelta(minutes=2))
    assert await bench.outbox.due(["Tell"]) == ["Tell"]


async def test_what_is_dead_is_never_offered_again(bench: Bench) -> None:
    event = an_event()
    await bench.publish(event)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    await bench.outbox.lease("Tell", 10, LEASE)
    await bench.outbox.settle("Tell", [Outcome(event.id, 1, "Poison: yes")])
    await bench.let_pass(timedelta(days=9))
    assert await bench.outbox.due(["Tell"]) == []
    owed = await bench.owed(event, "Tell")
    assert owed is not None
    assert (owed.done_at, owed.dead_at is not None, owed.error) == (None, True, "Poison: yes")


async def test_who_comes_back_after_its_lease_settles_nothing(bench: Bench) -> None:
    event = an_event()
    await bench.publish(event)
    await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
    await bench.outbox.lease("Tell", 10, LEASE)
    await bench.let_pass(LEASE)
    await bench.outbox.lease("Tell", 10, LEASE)
    await bench.outbox.settle("Tell", [Outcome(event.id, 1, "Late: yes")])
    owed = await bench.owed(event, "Tell")
    assert owed is not None
    assert (owed.attempts, owed.dead_at, owed.error) == (2, None, None)
    await bench.outbox.settle("Tell", [Outcome(event.id, 2)])
    settled = await bench.owed(event, "Tell")
    assert settled is not None
    assert settled.done_at is not None


async def test_many_dispatchers_at_once_number_each_event_once(bench: Bench) -> None:
    dice = random.Random(7)
    events = [an_event() for _ in range(300)]

    async def publish(share: list[StoredEvent]) -> None:
        while share:
            batch = [share.pop() for _ in range(min(len(share), dice.randint(1, 9)))]
            await bench.publish(*batch)

    async def dispatch() -> int:
        dispatched = 0
        while len(await bench.positions()) < len(events):
            dispatched += await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
            await asyncio.sleep(0)  # in memory nothing else would give way to those who publish
        return dispatched

    publishing = [publish(events[start::4]) for start in range(4)]
    shares, _ = await asyncio.gather(asyncio.gather(dispatch(), dispatch(), dispatch()), asyncio.gather(*publishing))
    assert sum(shares) == 300
    positions = await bench.positions()
    assert sorted(positions.values()) == list(range(1, 301))
    assert positions.keys() == {event.id for event in events}


class TestOnPostgres:
    """What only a database with several clients can show."""

    @pytest.fixture
    async def database(self, postgres_url: str) -> AsyncIterator[Database]:
        database = Database(postgres_url)
        async with database.connection() as connection:
            await connection.execute("truncate outbox cascade")
        yield database
        await database.close()

    async def test_a_transaction_with_the_lower_id_that_commits_later_is_numbered_later(
        self, database: Database
    ) -> None:
        slow, quick = an_event(), an_event()
        outbox, bench = PostgresOutbox(database), PostgresBench(database)
        async with database.transaction() as connection:
            await insert(connection, [slow])
            await bench.publish(quick)
            assert await outbox.dispatch(SUBSCRIPTIONS, 10) == 1
        assert await outbox.dispatch(SUBSCRIPTIONS, 10) == 1
        assert await bench.positions() == {quick.id: 1, slow.id: 2}

    async def test_an_aggregates_events_stay_in_order_when_a_machines_clock_is_behind(self, database: Database) -> None:
        behind, ahead, thing = an_event(), an_event(), uuid7()
        first = msgspec.structs.replace(ahead, aggregate_id=thing, seq=1)
        second = msgspec.structs.replace(behind, aggregate_id=thing, seq=2)
        bench = PostgresBench(database)
        await bench.publish(first, second)
        await bench.outbox.dispatch(SUBSCRIPTIONS, 10)
        assert await bench.positions() == {first.id: 1, second.id: 2}

    async def test_while_one_dispatches_another_leaves_it_alone(self, database: Database) -> None:
        await PostgresBench(database).publish(an_event())
        async with database.transaction() as connection:
            await connection.fetchval("select pg_advisory_xact_lock($1)", 7_305_808_869_232_210_025)
            assert await PostgresOutbox(database).dispatch(SUBSCRIPTIONS, 10) == 0
        assert await PostgresOutbox(database).dispatch(SUBSCRIPTIONS, 10) == 1
