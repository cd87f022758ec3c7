"""The connections of a process: SQLAlchemy's engine makes them, and who has the next one is decided here.

The engine's own pool takes four times as long to lend one out, and needs a greenlet for whoever has to wait.
"""

import asyncio
from typing import NamedTuple

import asyncpg
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection

from application.ports import Busy

PATIENCE = 10  # seconds
OTHERS = 4  # connections more that the engine has for those who ask it themselves


class Lent(NamedTuple):
    """A connection, and the engine's hold on it."""

    proxy: PoolProxiedConnection
    driver: asyncpg.Connection


class Connections:
    """At most so many at once. The last one used is lent first: few do the work, warm, and remember what they do."""

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self._engine = engine
        self._places = asyncio.Semaphore(size)
        self._idle: list[Lent] = []

    @property
    def in_use(self) -> int:
        """Those that others took from the engine count in."""
        return self._engine.pool.checkedout() - len(self._idle)  # type: ignore[attr-defined, no-any-return]

    async def take(self) -> Lent:
        """A live one, to be given back. Raises Busy where none is free for long, and what the engine raises."""
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        try:
            return self._at_hand() or await self._new()
        except BaseException:
            self._places.release()
            raise

    def give_back(self, lent: Lent) -> None:
        """One that was closed, or left in a transaction by a cancellation at a bad moment, is thrown away."""
        if lent.driver.is_closed() or lent.driver.is_in_transaction():
            _throw_away(lent.proxy)
        else:
            self._idle.append(lent)
        self._places.release()

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().proxy.close()
        await self._engine.dispose()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        except TimeoutError as error:
            raise Busy from error

    def _at_hand(self) -> Lent | None:
        while self._idle:
            lent = self._idle.pop()
            if not lent.driver.is_closed():
                return lent
            _throw_away(lent.proxy)  # the server closed it meanwhile
        return None

    async def _new(self) -> Lent:
        while True:
            try:
                proxy = await self._engine.raw_connection()
            except PoolTimeout as error:
                raise Busy from error
            driver = proxy.driver_connection
            if driver is not None and not driver.is_closed():
                return Lent(proxy, driver)
            _throw_away(proxy)


def _throw_away(proxy: PoolProxiedConnection) -> None:
    proxy.invalidate()
    proxy.close()
