"""A server that is starting, stopping or not there is away; nothing else is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import asyncpg
import pytest

from adapters.postgres.database import Database
from application.ports import LostRace, Unavailable


def refusal(code: str, words: str) -> bytes:
    """The server's last words on a connection, as they go over the wire."""
    told = f"SFATAL\0VFATAL\0C{code}\0M{words}\0\0".encode()
    return b"E" + (len(told) + 4).to_bytes(4) + told


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[str]:
    """The address of a PostgreSQL that has but one answer to who knocks."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(4))
        if length == 8:  # whether it speaks TLS
            await reader.readexactly(4)
            writer.write(b"N")
            length = int.from_bytes(await reader.readexactly(4))
        await reader.readexactly(length - 4)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"postgresql://shop:word@127.0.0.1:{port}/shop"


@dataclass
class Line:
    """A wire to PostgreSQL that can fall silent: connections stay open and nothing comes through."""

    url: str = ""
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65536):
            await self.open.wait()
            writer.write(said)
            await writer.drain()


@asynccontextmanager
async def line(url: str) -> AsyncIterator[Line]:
    wire, far, ends = Line(), urlsplit(url), list[asyncio.Task[None]]()
    wire.open.set()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(far.hostname, far.port)
        ends.extend((asyncio.create_task(wire.carry(reader, back)), asyncio.create_task(wire.carry(there, writer))))

    async with await asyncio.start_server(connect, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        wire.url = url.replace(f":{far.port}/", f":{port}/")
        yield wire
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)


async def ask(url: str) -> None:
    database = Database(url)
    try:
        async with database.connection() as connection:
            await connection.fetch("select 1")
    finally:
        await database.close()


@pytest.mark.parametrize(
    "answer",
    [
        refusal("57P03", "the database system is starting up"),
        refusal("57P03", "the database system is not yet accepting connections"),
        refusal("57P03", "the database system is shutting down"),
        refusal("53300", "sorry, too many clients already"),
        b"",
    ],
)
async def test_a_server_that_lets_nobody_in_yet_is_away(answer: bytes) -> None:
    async with server(answer) as url:
        with pytest.raises(Unavailable):
            await ask(url)


async def test_a_server_that_is_nowhere_is_away() -> None:
    with pytest.raises(Unavailable):
        await ask("postgresql://shop:word@shop.invalid/shop")


async def test_a_wrong_password_is_an_error_of_ours() -> None:
    async with server(refusal("28P01", "password authentication failed")) as url:
        with pytest.raises(Exception, match="password authentication failed"):
            await ask(url)


async def test_a_connection_that_the_server_took_leave_of_is_away_and_the_next_is_new(postgres_url: str) -> None:
    database = Database(postgres_url, pool_size=1)
    async with database.connection() as connection:
        before = connection.get_server_pid()
        connection._protocol.data_received(refusal("57P01", "terminating connection"))  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        async with database.connection() as connection:
            await connection.fetch("select 1")
    async with database.connection() as connection:
        assert connection.get_server_pid() != before
        assert await connection.fetchval("select 1") == 1
    await database.close()


async def test_a_wrong_argument_is_an_error_of_ours(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(asyncpg.DataError):
        async with database.connection() as connection:
            await connection.fetch("select $1::int", "two")
    await database.close()


async def test_a_server_that_falls_silent_in_a_transaction_is_away_and_its_connection_is_not_used_again(
    postgres_url: str,
) -> None:
    async with line(postgres_url) as wire:
        database = Database(wire.url, pool_size=1, patience=0.2)
        with pytest.raises(Unavailable):
            async with asyncio.timeout(5), database.transaction() as connection:
                before = connection.get_server_pid()
                wire.open.clear()
                await connection.execute("select 1")
        wire.open.set()
        async with database.connection() as connection:
            assert connection.get_server_pid() != before
            assert await connection.fetchval("select 1") == 1
        await database.close()


async def test_a_server_that_falls_silent_between_two_reads_is_away(postgres_url: str) -> None:
    async with line(postgres_url) as wire:
        database = Database(wire.url, pool_size=1, patience=0.2)
        async with database.connection() as connection:
            await connection.fetch("select 1")
        wire.open.clear()
        with pytest.raises(Unavailable):
            async with asyncio.timeout(5), database.connection() as connection:
                await connection.fetch("select 1")
        wire.open.set()
        await database.close()


async def test_who_loses_a_race_for_a_lock_is_told_so(postgres_url: str) -> None:
    database = Database(postgres_url)
    async with database.transaction() as first:
        await first.execute("lock table account in access exclusive mode")
        with pytest.raises(LostRace):
            async with database.transaction() as second:
                await second.execute("set local lock_timeout = 10")
                await second.execute("lock table account in access exclusive mode")
    await database.close()
