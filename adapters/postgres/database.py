"""The connection pool, and how a statement gets to PostgreSQL: asyncpg's own calls on SQLAlchemy's pool."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.postgres.connections import OTHERS, Connections, Lent
from application.ports import Busy, LostRace, Unavailable

# Milliseconds. A statement that runs into one of them is undone and answered as busy.
LIMITS = {"lock_timeout": "5000", "statement_timeout": "15000", "idle_in_transaction_session_timeout": "30000"}
# Seconds. The server itself gives up before: one that says nothing for so long has gone silent.
PATIENCE = 20
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the server's farewell was read, the end of the line is not seen yet
    ConnectionError,
)


@cache
def statement(name: str) -> str:
    """The text of `<name>.sql` beside the repositories."""
    return files("adapters.postgres").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


@dataclass(slots=True)
class Frame:
    """A transaction that all within is part of, and what to tell after its commit."""

    connection: asyncpg.Connection
    afterwards: list[Callable[[], None]]
    task: asyncio.Task[Any] | None

    @classmethod
    def around(cls) -> "Frame | None":
        """The one that we are in; a task that was begun there and may outlive it is not."""
        frame = framed.get()
        return frame if frame is not None and frame.task is asyncio.current_task() else None


framed: ContextVar[Frame | None] = ContextVar("framed", default=None)


class Lending:
    """A connection for as long as somebody is within; what the driver says of it is said in our words."""

    __slots__ = ("_connections", "_lent")

    _lent: Lent

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def __aenter__(self) -> asyncpg.Connection:
        try:
            self._lent = await self._connections.take()
        except (*AWAY, OSError) as error:  # the latter: no such name, or no answer in time
            raise Unavailable("database") from error
        except AsyncAdapt_asyncpg_dbapi.Error as error:  # SQLAlchemy's word for what the server said to who knocked
            if isinstance(error.__cause__, AWAY):
                raise Unavailable("database") from error
            raise
        return self._lent.driver

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            match error:
                case None:
                    return
                case asyncpg.SerializationError() | asyncpg.DeadlockDetectedError() | asyncpg.LockNotAvailableError():
                    raise LostRace from error
                case asyncpg.QueryCanceledError():
                    raise Busy from error
                case TimeoutError():
                    self._lent.driver.terminate()
                    raise Unavailable("database") from error
                case _ if isinstance(error, AWAY):
                    raise Unavailable("database") from error
        finally:
            self._connections.give_back(self._lent)


class Database:
    """One engine per process; at most 16 connections, which also caps the crowd on a hot row.

    Nothing session-wide is ever set on a connection, so none is reset when it goes back.
    """

    def __init__(self, url: str, *, pool_size: int = 16, patience: float = PATIENCE) -> None:
        self.engine: AsyncEngine = create_async_engine(
            driver_url(url),
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size + OTHERS,
            max_overflow=0,
            pool_timeout=10,
            pool_use_lifo=True,
            pool_reset_on_return=None,
            json_deserializer=str,  # as it came: msgspec decodes it into what is wanted
            connect_args={
                "server_settings": {"application_name": "tradepost", **LIMITS},
                "timeout": 5,
                "command_timeout": patience,
            },
        )
        self.connections = Connections(self.engine, pool_size)

    def connection(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection in autocommit; within a frame, the frame's.

        Raises Unavailable("database") when there is none; LostRace, or Busy.
        """
        frame = Frame.around()
        return nullcontext(frame.connection) if frame is not None else Lending(self.connections)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection inside a transaction (READ COMMITTED) that commits at the end."""
        async with self.connection() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                yield connection
            except TimeoutError:  # a server that is silent does not answer to a ROLLBACK either
                raise
            except BaseException:
                await transaction.rollback()
                raise
            await transaction.commit()

    @asynccontextmanager
    async def frame(self) -> AsyncIterator[asyncpg.Connection]:
        """A transaction that all transactions within are part of, and all that is read."""
        afterwards: list[Callable[[], None]] = []
        try:
            async with self.transaction() as connection:
                token = framed.set(Frame(connection, afterwards, asyncio.current_task()))
                try:
                    yield connection
                finally:
                    framed.reset(token)
        finally:  # who is cancelled while it commits does not know whether it did
            for tell in afterwards:
                tell()

    def afterwards(self, tell: Callable[[], None]) -> None:
        """Now, or after the commit of the frame that there is."""
        if (frame := Frame.around()) is not None:
            frame.afterwards.append(tell)
        else:
            tell()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection that sees the shop as it is at one moment, and can only read."""
        async with self.connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection

    async def close(self) -> None:
        await self.connections.close()


async def only(connection: asyncpg.Connection, query: str, *values: Any) -> asyncpg.Record:
    """The one row of a statement that always has one."""
    (row,) = await connection.fetch(query, *values)
    return row


def driver_url(url: str) -> str:
    """The address as SQLAlchemy wants it, with asyncpg named as the driver."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+asyncpg://{rest}" if scheme in {"postgres", "postgresql"} else url
