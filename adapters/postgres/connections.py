"""The connections of a process: SQLAlchemy's engine makes them, and who has the next one is decided here.

The engine's own pool takes four times as long to lend one out, and needs a greenlet for whoever has to wait.
"""

from typing import NamedTuple

import asyncpg
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection

from adapters.postgres.turns import Turns
from application.ports import Busy

OTHERS = 4  # connections more that the engine has for those who ask it themselves


Open = tuple[PoolProxiedConnection, asyncpg.Connection]


class Lent(NamedTuple):
    """A connection, the engine's hold on it, whose turn it is, and where it lies when it is idle."""

    turn: int
    home: list[Open]
    proxy: PoolProxiedConnection
    driver: asyncpg.Connection


class Connections:
    """At most so many at once. The last one used is lent first: few do the work, warm, and remember what they do."""

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self._engine = engine
        self._turns = Turns(size)
        self._idle: list[Open] = []

    @property
    def in_use(self) -> int:
        """Those that others took from the engine count in."""
        return self._engine.pool.checkedout() - len(self._idle)  # type: ignore[attr-defined, no-any-return]

    async def take(self) -> Lent:
        """A live one, to be given back. Raises Busy where none is free for long, and what the engine raises."""
        turn = await self._turns.take()
        try:
            return Lent(turn, self._idle, *(self._at_hand() or await self._new()))
        except BaseException:
            self._turns.give_back(turn)
            raise

    def give_back(self, lent: Lent) -> None:
        """One that was closed, or left in a transaction by a cancellation at a bad moment, is thrown away.

        So is one that was lent before `close`.
        """
        if lent.driver.is_closed() or lent.driver.is_in_transaction() or lent.home is not self._idle:
            _throw_away(lent.proxy)
        else:
            lent.home.append((lent.proxy, lent.driver))
        self._turns.give_back(lent.turn)

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for proxy, _ in idle:
            proxy.close()
        await self._engine.dispose()

    def _at_hand(self) -> Open | None:
        while self._idle:
            proxy, driver = self._idle.pop()
            if not driver.is_closed():
                return proxy, driver
            _throw_away(proxy)  # the server closed it meanwhile
        return None

    async def _new(self) -> Open:
        while True:
            try:
                proxy = await self._engine.raw_connection()
            except PoolTimeout as error:
                raise Busy from error
            driver = proxy.driver_connection
            if driver is not None and not driver.is_closed():
                return proxy, driver
            _throw_away(proxy)


def _throw_away(proxy: PoolProxiedConnection) -> None:
    proxy.invalidate()
    proxy.close()
