"""An event loop without a world: what is ready runs in an order drawn by lot, and time jumps to the next timer."""

import asyncio
import heapq
from collections import deque
from random import Random
from typing import Any, NoReturn


class Stuck(Exception):
    """Nothing is ready and no timer runs: somebody waits for what will never come."""


class SeededLoop(asyncio.BaseEventLoop):
    """It has no files, no sockets and no threads; asking for one of them is a mistake."""

    _ready: deque[Any]
    _scheduled: list[Any]

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._now = 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready:
            self._jump()
        while self._scheduled and self._scheduled[0]._when <= self._now:
            timer = heapq.heappop(self._scheduled)
            timer._scheduled = False
            self._ready.append(timer)
        if (many := len(self._ready)) > 1:
            self._ready.rotate(-int(self._chance.random() * many))
        handle = self._ready.popleft()
        if not handle._cancelled:
            handle._run()

    def _jump(self) -> None:
        while self._scheduled and self._scheduled[0]._cancelled:
            heapq.heappop(self._scheduled)._scheduled = False
        if not self._scheduled:
            raise Stuck
        self._now = max(self._now, self._scheduled[0]._when)

    def _write_to_self(self) -> NoReturn:
        raise RuntimeError("a simulation has one thread")

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> NoReturn:  # type: ignore[override]
        raise RuntimeError("a simulation has one thread")
