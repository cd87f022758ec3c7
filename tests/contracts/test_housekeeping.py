"""What the shop forgets after a while, and what it does not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from adapters.postgres.database import Database
from adapters.postgres.housekeeping import PostgresAttic
from application.housekeeping import ForgetLeftovers, Leftover

INSERT = """
insert into once (actor, key, route, fingerprint, status, body, created_at)
select 'ann', number::text, 'route', '', 201, '', now() - $2::interval
  from generate_series($1::int, $1 + 1999) as number
"""


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    yield database
    await database.close()


async def forgotten(database: Database) -> dict[Leftover, int]:
    told = await ForgetLeftovers(PostgresAttic(database))()
    return {what: count for what, count in told.items() if count}


async def test_answers_older_than_a_day_are_forgotten_and_younger_ones_kept(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(INSERT, 1, timedelta(hours=24, seconds=1))
        await connection.execute(INSERT, 5001, timedelta(hours=23, minutes=59))
    assert await forgotten(database) == {Leftover.ANSWERS: 2000}
    assert await forgotten(database) == {}
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from once where key::int > 5000") == 2000


GUESTS = """
insert into cart (id, guest, items, updated_at, version)
select gen_random_uuid(), decode(md5(number::text), 'hex'), '[]', now() - $2::interval, 1
  from generate_series($1::int, $1 + 1) as number
"""


async def test_guests_carts_are_forgotten_thirty_days_after_their_last_change(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(GUESTS, 1, timedelta(days=30, seconds=1))
        await connection.execute(GUESTS, 11, timedelta(days=29, hours=23))
    assert await forgotten(database) == {Leftover.CARTS: 2}
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from cart") == 2


ACCOUNT = """
insert into account (id, email, password_hash, first_name, last_name, phone_number, preferred_language, roles,
    is_active, email_verified, date_joined, version)
values ($1, 'ann@example.com', '!', '', '', '', 'en', '{customer}', true, true, now(), 0)
"""
LINK = """
insert into link (digest, user_id, purpose, email, expires_at, used_at) values ($1, $2, 'verify_email', '', $3, $4)
"""


async def test_links_are_forgotten_a_day_after_they_ceased_to_work(database: Database) -> None:
    ann, now = uuid4(), datetime.now(UTC)
    async with database.connection() as connection:
        await connection.execute(ACCOUNT, ann)
        for name, hours, used in ((b"old", 25, None), (b"used", 25, now), (b"late", 23, None), (b"good", -1, None)):
            await connection.execute(LINK, name, ann, now - timedelta(hours=hours), used)
    assert await forgotten(database) == {Leftover.LINKS: 2}
    async with database.connection() as connection:
        assert {row["digest"] for row in await connection.fetch("select digest from link")} == {b"late", b"good"}


SESSION = "insert into session (id, user_id, expires_at, revoked_at) values ($1, $2, $3, $4)"
TOKEN = "insert into refresh_token (digest, session_id, created_at) values ($1, $2, now())"


async def test_sessions_are_forgotten_a_week_after_their_end_with_their_tokens(database: Database) -> None:
    ann, now, kept = uuid4(), datetime.now(UTC), list[UUID]()
    week, hour = timedelta(days=7), timedelta(hours=1)
    async with database.connection() as connection:
        await connection.execute(ACCOUNT, ann)
        ends: tuple[tuple[datetime, datetime | None, bool], ...] = (
            (now + week, None, True),
            (now - week + hour, None, True),
            (now - week - hour, None, False),
            (now + week, now - week + hour, True),
            (now + week, now - week - hour, False),
        )
        for expires_at, revoked_at, stays in ends:
            session = uuid4()
            kept += [session] if stays else []
            await connection.execute(SESSION, session, ann, expires_at, revoked_at)
            await connection.execute(TOKEN, session.bytes, session)
    assert await forgotten(database) == {Leftover.SESSIONS: 2}
    async with database.connection() as connection:
        tokens = await connection.fetch("select session_id from refresh_token")
        assert {row["session_id"] for row in tokens} == set(kept)


EVENT = """
insert into outbox (id, type, aggregate, aggregate_id, seq, at, data) values ($1, 'E', 'order', $2, 1, now(), '{}')
"""
DELIVERY = (
    "insert into delivery (event_id, handler, due_at, attempts, done_at, dead_at) values ($1, 'H', $2, 1, $3, $4)"
)
HANDLED = "insert into handled (event_id, handler, at) values ($1, 'H', $2)"


async def test_of_old_events_it_is_forgotten_who_was_told_but_for_those_that_died(database: Database) -> None:
    month, hour, now = timedelta(days=30), timedelta(hours=1), datetime.now(UTC)
    old, young = now - month - hour, now - month + hour
    async with database.connection() as connection:
        for at, done, dead in ((old, old, None), (old, None, old), (young, young, None), (old, young, None)):
            event = _id_of(at)
            await connection.execute(EVENT, event, uuid4())
            await connection.execute(DELIVERY, event, at, done, dead)
            await connection.execute(HANDLED, event, at)
    assert await forgotten(database) == {Leftover.HANDLED: 2, Leftover.DELIVERIES: 1}
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from outbox") == 4
        assert await connection.fetchval("select count(*) from delivery where done_at is null") == 1
        assert await connection.fetchval("select count(*) from handled") == 2


def _id_of(at: datetime) -> UUID:
    """A UUID version 7 of that moment."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | uuid4().int % (1 << 62) | 2 << 62)
