"""Who asks PostgreSQL next: a few at a time, for its processes take the cores and their caches from each other.

32 lists at once on 2 cores cost PostgreSQL a fifth less with four turns than with sixteen.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import NamedTuple

from application.ports import Busy

AT_ONCE = 4  # more than a process can follow, unless the database is far away
QUICK = 0.01  # seconds after which a turn is over for the others, though not for who has it
PATIENCE = 10.0  # seconds


class Waiting(NamedTuple):
    called: asyncio.Future[int]
    since: float


@dataclass(slots=True, eq=False)
class Turns:
    """First come, first served: `at_once` who are quick, with those who are slow at most `most`."""

    most: int
    at_once: int = AT_ONCE
    quick: float = QUICK
    patience: float = PATIENCE
    taken: int = 0
    _began: dict[int, float] = field(default_factory=dict)  # turns and when, of those who may still be quick
    _waiting: deque[Waiting] = field(default_factory=deque)
    _numbers: Iterator[int] = field(default_factory=count)
    _watching: asyncio.AbstractEventLoop | None = None  # one may have ended before it was through with it

    async def take(self) -> int:
        """A turn, to be given back. Raises Busy where it does not come in time."""
        if not self._is_free and not self._watching:  # nobody waits, who would be overtaken
            self._forget_slow()
        return self._begin() if self._is_free else await self._wait()

    def give_back(self, turn: int) -> None:
        self.taken -= 1
        self._began.pop(turn, None)
        self._call()

    @property
    def _is_free(self) -> bool:
        return self.taken < self.most and len(self._began) < self.at_once

    def _begin(self) -> int:
        turn = next(self._numbers)
        self.taken += 1
        self._began[turn] = monotonic()
        return turn

    async def _wait(self) -> int:
        loop = asyncio.get_running_loop()
        called: asyncio.Future[int] = loop.create_future()
        self._waiting.append(Waiting(called, monotonic()))
        if self._watching is not loop:
            self._watching = loop
            loop.call_later(self.quick, self._watch, loop)
        try:
            return await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled() and called.exception() is None:  # it was called, and is gone
                self.give_back(called.result())
            raise

    def _call(self) -> None:
        """Whoever is next, if there is a turn."""
        while self._waiting and self._is_free:
            called = self._waiting.popleft().called
            if not called.done():
                called.set_result(self._begin())

    def _forget_slow(self) -> None:
        now = monotonic()
        self._began = {turn: began for turn, began in self._began.items() if now - began < self.quick}

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """As long as somebody waits: those who are slow count no more, and who waited for too long is told so."""
        now = monotonic()
        self._forget_slow()
        self._call()
        while self._waiting and now - self._waiting[0].since >= self.patience:
            called = self._waiting.popleft().called
            if not called.done():
                called.set_exception(Busy())
        self._watching = loop if self._waiting else None
        if self._waiting:
            loop.call_later(self.quick, self._watch, loop)
