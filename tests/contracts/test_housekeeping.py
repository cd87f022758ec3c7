"""What the shop forgets after a while, and what it does not."""

from collections.abc import AsyncIterator
from datetime import timedelta

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
