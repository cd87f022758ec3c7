"""`tradepost worker`: hands events to their handlers, and does what is to be done by the clock."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from application.outbox import DeliverEvents, Hands, Pokes, RelayEvents
from application.ports import Busy, Unavailable

logger = logging.getLogger("tradepost.worker")

LOOK_EVERY = 0.2  # seconds between looks into the outbox when nobody pokes
FIRST_PAUSE = 0.5  # seconds after a first failure; doubled with each
LONGEST_PAUSE = 5.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to do again and again, so many seconds after it was done."""

    name: str
    every: float
    work: Callable[[], Awaitable[object]]


@dataclass(slots=True)
class Outages:
    """Tells once that a part is away, and once that it is back, whoever notices."""

    away: set[str] = field(default_factory=set)

    def met(self, part: str) -> None:
        if part not in self.away:
            self.away.add(part)
            logger.warning("%s is away; trying until it is back", part)

    def over(self, part: str) -> None:
        if part in self.away:
            self.away.remove(part)
            logger.info("%s is back", part)


@dataclass(frozen=True, slots=True)
class Worker:
    """The dispatcher, the hands that deliver, and the chores, in one event loop until `stop` is set."""

    relay: RelayEvents
    deliver: DeliverEvents
    hands: Hands
    pokes: Pokes
    chores: Sequence[Chore] = ()
    outages: Outages = field(default_factory=Outages)

    async def __call__(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.hands.work(self._deliver, stop))
            group.create_task(self._repeat(Chore("relay", LOOK_EVERY, self.relay), stop, self.pokes.wait))
            for chore in self.chores:
                group.create_task(self._repeat(chore, stop, lambda seconds: _rest(stop, seconds)))

    async def _deliver(self, handler: str) -> None:
        try:
            await self.deliver(handler)
        except Unavailable as error:
            self.outages.met(error.part)

    async def _repeat(self, chore: Chore, stop: asyncio.Event, rest: Callable[[float], Awaitable[None]]) -> None:
        pause, missing = FIRST_PAUSE, ""
        while not stop.is_set():
            try:
                await chore.work()
            except Unavailable as error:
                missing = error.part
                self.outages.met(missing)
            except Busy:
                logger.info("%s: the database is busy", chore.name)
            except Exception:
                logger.exception("%s failed", chore.name)
            else:
                self.outages.over(missing)
                pause = FIRST_PAUSE
                await rest(chore.every)
                continue
            await _rest(stop, pause)
            pause = min(pause * 2, LONGEST_PAUSE)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    """Sleep so long, or until there is no more to do."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping}, timeout=seconds)
    stopping.cancel()


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set. To be called in the loop that is to heed them."""
    stop = asyncio.Event()
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
