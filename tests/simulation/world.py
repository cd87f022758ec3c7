"""What surrounds the shop in a simulation: time, chance, the processes it runs in, and what became of everything."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Protocol, TypeVar
from uuid import UUID

from dishka import AsyncContainer

from application.ports import Mail
from domain.cart import Article
from domain.ordering import OrderId, Placement
from entrypoints.container.basics import NUMBER_ALPHABET
from tests.simulation.loop import SeededLoop

R = TypeVar("R")

EPOCH = datetime(2026, 11, 22, 12, tzinfo=UTC)
LAST = 40  # lines of history that are told of a failure


class NoAnswer(Exception):
    """The process died, or the caller's patience ended: nobody knows what came of it."""


@dataclass(slots=True)
class Faults:
    """How likely each mishap is at each opportunity; drawn anew for every seed, and many seeds have few of them."""

    crash: float = 0.0
    database_away: float = 0.0
    answer_lost: float = 0.0  # it was committed, and the caller hears that the database is away
    gateway_away: float = 0.0
    gateway_answer_lost: float = 0.0
    gateway_late: float = 0.0  # the caller hears that it is away, and minutes later it does what it was asked
    gateway_slow: float = 0.0
    mail_away: float = 0.0
    mail_answer_lost: float = 0.0
    told_twice: float = 0.0  # an event comes to its handler twice at once
    outcome_lost: float = 0.0  # what became of a delivery is not written down, so that it comes again
    bank_slow: float = 0.0  # the card's money comes minutes later, and nobody can stop it

    @classmethod
    def drawn(cls, chance: Random) -> "Faults":
        often = chance.choice((0.0, 0.02, 0.06))
        times = {"crash": 0.25, "bank_slow": 5.0}  # of the latter there are few opportunities
        return cls(**{name: chance.choice((0.0, often)) * times.get(name, 1.0) for name in cls.__slots__})


@dataclass(slots=True)
class Promises:
    """What the shop told its customers, which must be so in the end."""

    orders: dict[UUID, Any] = field(default_factory=dict)  # the views of what was placed
    by_key: dict[str, set[UUID]] = field(default_factory=dict)
    paid: set[UUID] = field(default_factory=set)
    cancelled: set[UUID] = field(default_factory=set)
    mails: list[Mail] = field(default_factory=list)
    put: Counter[tuple[str, Article]] = field(default_factory=Counter)  # pieces that may be in somebody's cart
    ordered: Counter[Article] = field(default_factory=Counter)
    merged: set[tuple[str, str]] = field(default_factory=set)  # whose cart may have gone into whose
    erased: set[str] = field(default_factory=set)  # the addresses of those who were told to be forgotten
    placements: dict[OrderId, Placement] = field(default_factory=dict)  # of every order, as it was when it was placed


class Running(Protocol):
    """A shop's process; see `processes`."""

    name: str

    def kill(self) -> None: ...


running: ContextVar[Running | None] = ContextVar("running", default=None)


class World:
    """One seed's. What is by chance comes from several streams: one draw more here shifts nothing there."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.loop = SeededLoop(self.stream("loop"))
        self.chance = self.stream("actors")
        self.fate = self.stream("faults")
        self.faults = Faults.drawn(self.stream("rates"))
        self.history: list[str] = []
        self.violations: list[str] = []
        self.promises = Promises()
        self.is_over = False
        self._ids, self._numbers = self.stream("ids"), self.stream("numbers")

    def stream(self, name: str) -> Random:
        return Random(f"{self.seed} {name}")

    # -- the ports of time and chance

    def clock(self) -> datetime:
        return EPOCH + timedelta(seconds=self.loop.time())

    def new_id(self) -> UUID:
        """As version 7 is made: the time in front, chance behind."""
        bits = self._ids.getrandbits(74)
        milliseconds = int(self.clock().timestamp() * 1000)
        return UUID(int=milliseconds << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1)

    def new_number(self) -> str:
        return "ORD-" + "".join(self._numbers.choices(NUMBER_ALPHABET, k=10))

    # -- fate

    def happens(self, rate: float) -> bool:
        return rate > 0 and self.fate.random() < rate

    async def pause(self, where: str) -> None:
        """Others come to their turn; or the process that is here dies."""
        await asyncio.sleep(self.fate.choice((0, 0, 0.001, 0.02, 0.3)))
        process = running.get()
        if process is not None and self.happens(self.faults.crash):
            self.note(process.name, f"dies {where}")
            process.kill()
            await asyncio.sleep(0)  # its end

    def outside(self, work: Awaitable[Any]) -> None:
        """What goes on whatever becomes of the process that began it."""

        async def carried_out() -> None:
            await work

        self.loop.create_task(carried_out(), context=Context())

    # -- what is told of it

    def note(self, who: str, what: str) -> None:
        self.history.append(f"{self.loop.time():9.3f}  {who:<9} {what}")

    def wrong(self, what: str) -> None:
        self.violations.append(what)
        self.note("WRONG", what)

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.history).encode()).hexdigest()

    def told(self, last: int = LAST) -> Sequence[str]:
        return self.history[-last:]


class Process:
    """A process of the shop: its container, and the tasks that die with it."""

    def __init__(self, name: str, world: World, make: Callable[[], AsyncContainer]) -> None:
        self.name = name
        self._world = world
        self._make = make
        self._container: AsyncContainer | None = make()
        self._tasks: list[asyncio.Task[Any]] = []

    @property
    def container(self) -> AsyncContainer:
        """For who looks on. Raises NoAnswer while it is down."""
        if self._container is None:
            raise NoAnswer
        return self._container

    async def call(self, kind: Callable[..., Any], *said: Any, patience: float | None = None) -> Any:
        """Have the use case of that type called there. Raises NoAnswer, and what the use case raises."""

        async def called(use_case: Any) -> Any:
            return await use_case(*said)

        return await self.have(kind, called, patience)

    async def have(self, kind: Callable[..., R], do: Callable[[R], Awaitable[Any]], patience: float | None) -> Any:
        work = self._carried_out(self.container, kind, do)
        token = running.set(self)
        task = self._world.loop.create_task(work)
        running.reset(token)
        self._tasks.append(task)
        await asyncio.wait([task], timeout=patience)
        if not task.done():
            task.add_done_callback(_look_away)
            raise NoAnswer
        if task.cancelled():
            raise NoAnswer
        if task in self._tasks:  # it may have been done just before the process died
            self._tasks.remove(task)
        return task.result()

    async def _carried_out(self, container: AsyncContainer, kind: Any, do: Callable[[Any], Awaitable[Any]]) -> Any:
        return await do(await container.get(kind))

    def kill(self) -> None:
        """Everything that it holds is lost; after a while it is started again."""
        self._container = None
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        self._world.loop.call_later(self._world.fate.uniform(0.5, 15), self._start, context=Context())

    def _start(self) -> None:
        self._container = self._make()
        self._world.note(self.name, "is up again")


def _look_away(task: asyncio.Task[Any]) -> None:
    """Nobody waits for its outcome any more."""
    if not task.cancelled():
        task.exception()
