"""A connection's troubles stay its own: whatever befell it, the next who asks gets one in order."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from adapters.postgres.database import Database
from application.ports import Busy, Unavailable

SLEEP = "select pg_sleep(20)"


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """With one connection, so that whatever is wrong with it is met by the next who asks."""
    made = Database(postgres_url, pool_size=1)
    yield made
    await made.close()


async def test_a_statement_that_is_wrong_is_our_mistake(database: Database) -> None:
    with pytest.raises(asyncpg.PostgresSyntaxError):
        async with database.connection() as connection:
            await connection.fetchval("selekt 1")


async def test_a_connection_that_breaks_is_an_outage_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(Unavailable) as away:
        async with database.connection() as connection:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")
    assert away.value.part == "database"
    async with database.transaction() as connection:
        assert await connection.fetchval("select 1") == 1


async def test_a_connection_that_broke_while_nobody_looked_is_replaced(database: Database, postgres_url: str) -> None:
    gone = asyncio.Event()
    async with database.connection() as broken:
        pid = await broken.fetchval("select pg_backend_pid()")
        broken.add_termination_listener(lambda _: gone.set())
    other = await asyncpg.connect(postgres_url)
    await other.execute("select pg_terminate_backend($1, 5000)", pid)
    async with asyncio.timeout(10):
        await gone.wait()  # the end of the line comes behind the server's farewell
    async with database.connection() as connection:
        assert await connection.fetchval("select pg_backend_pid()") != pid
    await other.close()


async def test_a_row_that_stays_locked_is_busy(database: Database, postgres_url: str) -> None:
    other = await asyncpg.connect(postgres_url)
    lock = "lock table stock in access exclusive mode"
    async with other.transaction():
        await other.execute(lock)
        with pytest.raises(Busy):
            async with database.transaction() as connection:
                await connection.execute("set local lock_timeout = '20ms'")
                await connection.execute(lock)
    await other.close()


async def test_who_gives_up_in_the_middle_leaves_no_transaction_behind(database: Database) -> None:
    begun = asyncio.Event()

    async def slow() -> None:
        async with database.transaction() as connection:
            await connection.execute("create table half_done ()")
            begun.set()
            await connection.execute(SLEEP)

    for _ in range(3):
        begun.clear()
        task = asyncio.create_task(slow())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.connection() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("select to_regclass('half_done')") is None


async def test_a_connection_left_in_a_transaction_is_not_handed_on(database: Database) -> None:
    async with database.connection() as connection:
        pid = await connection.fetchval("select pg_backend_pid()")
        await connection.execute("begin")
    async with database.connection() as connection:
        assert await connection.fetchval("select pg_backend_pid()") != pid
        assert not connection.is_in_transaction()


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute("create table half_done ()")
            raise ZeroDivisionError
    async with database.connection() as connection:
        assert await connection.fetchval("select to_regclass('half_done')") is None


async def test_all_within_a_frame_is_one_transaction_on_one_connection(database: Database) -> None:
    async with database.frame() as connection:
        await connection.execute("create temporary table note (text text)")
        async with database.transaction() as part:
            await part.execute("insert into note values ('kept')")
        with pytest.raises(ZeroDivisionError):
            async with database.transaction() as part:
                await part.execute("insert into note values ('undone')")
                raise ZeroDivisionError
        async with database.connection() as reading:
            assert [row["text"] for row in await reading.fetch("select text from note")] == ["kept"]
            assert part is reading is connection


async def test_what_is_to_be_told_is_told_after_the_commit(database: Database) -> None:
    told: list[bool] = []
    async with database.frame() as connection:
        database.afterwards(lambda: told.append(connection.is_in_transaction()))
        assert told == []
    assert told == [False]
    database.afterwards(lambda: told.append(True))
    assert told == [False, True]


async def test_a_task_that_outlives_the_frame_where_it_began_is_no_part_of_it(database: Database) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def read() -> bool:
        begun.set()
        await ended.wait()
        async with database.connection() as connection:
            return connection.is_in_transaction()

    async with database.frame():
        task = asyncio.create_task(read())
        await begun.wait()
    async with database.frame():
        ended.set()
        await asyncio.sleep(0)
    assert await task is False
