"""A connection's troubles stay its own: whatever befell it, the next who asks gets one in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.postgres.connections import OTHERS, Connections
from adapters.postgres.database import Database, driver_url
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


async def test_sixteen_are_lent_out_at_once_and_the_next_who_asks_waits(postgres_url: str) -> None:
    database = Database(postgres_url)
    async with AsyncExitStack() as held:
        got = [await held.enter_async_context(database.connection()) for _ in range(15)]
        async with database.connection() as last:
            assert len({connection.get_server_pid() for connection in (*got, last)}) == 16
            assert database.connections.in_use == 16
            asking = asyncio.create_task(_pid(database))
            await asyncio.wait([asking], timeout=0.05)
            assert not asking.done()
        assert await asking == last.get_server_pid()
    assert database.connections.in_use == 0
    await database.close()


async def test_the_places_of_connections_that_broke_are_usable_again(database: Database) -> None:
    for _ in range(2 + OTHERS):
        with pytest.raises(Unavailable):
            async with database.connection() as connection:
                await connection.execute("select pg_terminate_backend(pg_backend_pid())")
        assert database.connections.in_use == 0
    async with database.connection() as connection:
        assert await connection.fetchval("select 1") == 1


async def test_the_last_one_used_is_lent_first(postgres_url: str) -> None:
    database = Database(postgres_url)
    async with database.connection() as first, database.connection() as second:
        assert first is not second
    assert await _pid(database) == await _pid(database) == first.get_server_pid()
    await database.close()


async def test_those_that_others_took_from_the_engine_count_as_used(database: Database) -> None:
    async with database.engine.connect(), database.connection():
        assert database.connections.in_use == 2
    assert database.connections.in_use == 0


async def test_an_engine_that_has_none_left_is_busy_and_the_turn_is_given_back(postgres_url: str) -> None:
    engine = create_async_engine(driver_url(postgres_url), pool_size=1, max_overflow=0, pool_timeout=0.01)
    connections = Connections(engine, 1)
    async with engine.connect():
        for _ in range(2):
            with pytest.raises(Busy):
                await connections.take()
    connections.give_back(lent := await connections.take())
    assert not lent.driver.is_closed()
    await connections.close()


async def test_who_gives_up_while_a_connection_is_made_leaves_its_place_usable(database: Database) -> None:
    for _ in range(2 + OTHERS):
        asking = asyncio.create_task(_pid(database))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert database.connections.in_use == 0
    assert await _pid(database)


async def test_what_is_idle_is_closed_at_the_end_and_the_database_usable_again(database: Database) -> None:
    for _ in range(2):
        async with database.connection() as connection:
            await connection.fetchval("select 1")
        await database.close()
        assert connection.is_closed()
        assert database.connections.in_use == 0


async def test_one_that_is_given_back_after_the_end_is_closed(database: Database) -> None:
    async with database.connection() as connection:
        await database.close()
    assert connection.is_closed()
    assert database.connections.in_use == 0
    assert await _pid(database)


def test_a_database_that_was_closed_serves_another_event_loop(postgres_url: str) -> None:
    database = Database(postgres_url, pool_size=1)

    async def use() -> None:
        await asyncio.gather(*(_pid(database) for _ in range(20)))
        await database.close()

    for _ in range(2):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(use())
        loop.close()


async def _pid(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("select pg_backend_pid()"))
