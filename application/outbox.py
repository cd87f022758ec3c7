"""From the outbox to the handlers: numbering what was committed, and delivering it until it is done or dead."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec

from application.ports import EventHandler, StoredEvent, Unavailable
from domain.aggregate import Event
from domain.errors import DomainError

logger = logging.getLogger("tradepost.outbox")

AT_ONCE = 500  # events that get their position in one transaction
BATCH = 10  # deliveries of one handler that are under way together
DRAIN = 100  # deliveries in one job, so that no handler keeps a worker to itself
ERROR_LENGTH = 300
HOPELESS = (DomainError, msgspec.ValidationError)  # the next time would be no different

Subscription = tuple[str, str]  # an event's type, a handler's name
Deliver = Callable[[str], Awaitable[object]]  # to the handler of that name what is due to it


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event leased for one handler. `attempts` counts this one; it is also the fence of the lease."""

    event: StoredEvent
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery: done without an error, dead with one and no `retry_in`."""

    event: UUID
    attempts: int
    error: str | None = None
    retry_in: timedelta | None = None


class Outbox(Protocol):
    """The events that were committed, and to whom they are still owed. Times are the store's own."""

    async def dispatch(self, subscriptions: Sequence[Subscription], limit: int) -> int:
        """Give the next positions to at most so many new events, and write one delivery per subscription.

        One caller at a time, all or nothing; 0 where there is nothing new or somebody else is at it.
        """
        ...

    async def due(self, handlers: Sequence[str]) -> Sequence[str]:
        """Those of the handlers that have something to do now."""
        ...

    async def lease(self, handler: str, limit: int, lease: timedelta) -> Sequence[Delivery]:
        """Due deliveries, which nobody else gets until the lease ends. It counts as an attempt."""
        ...

    async def settle(self, handler: str, outcomes: Sequence[Outcome]) -> None:
        """Write down the outcomes; of a delivery that somebody else has leased since, nothing."""
        ...


class Jobs(Protocol):
    """Other processes' hands."""

    async def deliver(self, handler: str) -> None:
        """Ask some worker to deliver what is due to the handler. A hint: it may be lost. Raises Unavailable("jobs")."""
        ...


class Hands(Protocol):
    """Where other processes' hints arrive."""

    async def work(self, deliver: Deliver, stop: asyncio.Event) -> None:
        """Deliver to the handlers hinted at, several at a time, until `stop` is set; then finish what is begun."""
        ...


class Pokes(Protocol):
    """Where it arrives that there are new events."""

    async def wait(self, at_most: float) -> None:
        """Return at a poke, also one since the last time, or after so many seconds. Never fails."""
        ...


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Who is told of what: the handlers of every event, ready to be called. A handler's name is its class's."""

    by_event: Mapping[type[Event], tuple[EventHandler[Any], ...]]
    steadfast: frozenset[str] = frozenset()  # the names of those who never give up

    @property
    def subscriptions(self) -> list[Subscription]:
        return [(event.__name__, name_of(each)) for event, handlers in self.by_event.items() for each in handlers]

    @property
    def names(self) -> list[str]:
        return sorted({name for _, name in self.subscriptions})

    def handler(self, name: str) -> EventHandler[Any]:
        return {name_of(each): each for handlers in self.by_event.values() for each in handlers}[name]

    def event(self, stored: StoredEvent) -> Event:
        """The domain's event again. Raises msgspec.ValidationError for one that an older shop wrote otherwise."""
        return msgspec.convert(stored.data, {each.__name__: each for each in self.by_event}[stored.type])


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a handler may take, and how often and how late a delivery that failed is tried again."""

    handling: timedelta = timedelta(seconds=20)
    lease: timedelta = timedelta(seconds=30)  # longer than handling: who is done late must not find it taken
    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(hours=1)
    attempts: int = 20  # about nine hours in all

    def after(self, attempts: int, event: UUID, *, steadfast: bool = False) -> timedelta | None:
        """When to try again; None: never. Spread by the event's id, so that what failed together comes back apart."""
        if attempts >= self.attempts and not steadfast:
            return None
        spread = 0.5 + event.int % 1024 / 1024
        return min(self.first * (1 << min(attempts - 1, 30)), self.longest) * spread


@dataclass(frozen=True, slots=True)
class DeliverEvents:
    """Hands a handler what is due to it, at least once each; any number of callers may be at it together."""

    outbox: Outbox
    subscribers: Subscribers
    patience: Patience = Patience()

    async def __call__(self, handler: str) -> int:
        """The number of deliveries tried: DRAIN says that there may be more."""
        tried = 0
        while tried < DRAIN:
            batch = await self.outbox.lease(handler, BATCH, self.patience.lease)
            await self.outbox.settle(handler, await asyncio.gather(*(self._try(handler, each) for each in batch)))
            tried += len(batch)
            if len(batch) < BATCH:
                break
        return tried

    async def _try(self, name: str, delivery: Delivery) -> Outcome:
        event, attempts = delivery.event, delivery.attempts
        steadfast = name in self.subscribers.steadfast
        try:
            async with asyncio.timeout(self.patience.handling.total_seconds()):
                await self.subscribers.handler(name)(event.id, self.subscribers.event(event))
        except Exception as error:
            if isinstance(error, HOPELESS) and not steadfast:
                logger.error("%s gave up on %s %s: %s", name, event.type, event.id, told(error))
                return Outcome(event.id, attempts, told(error))
            again = self.patience.after(attempts, event.id, steadfast=steadfast)
            fate = f"again in {again.total_seconds():.0f} s" if again else "given up"
            logger.warning("%s failed on %s %s, %s", name, event.type, event.id, fate, exc_info=True)
            return Outcome(event.id, attempts, told(error), again)
        return Outcome(event.id, attempts)


@dataclass(frozen=True, slots=True)
class RelayEvents:
    """One turn of the dispatcher: number what is new, and see that what is due gets delivered."""

    outbox: Outbox
    subscribers: Subscribers
    jobs: Jobs
    deliver: DeliverEvents

    async def __call__(self) -> int:
        """How much there was to do: events numbered and handlers with something due."""
        dispatched = await self._dispatch()
        due = await self.outbox.due(self.subscribers.names)
        await asyncio.gather(*(self._hand_on(handler) for handler in due))
        return dispatched + len(due)

    async def _dispatch(self) -> int:
        dispatched = latest = await self.outbox.dispatch(self.subscribers.subscriptions, AT_ONCE)
        while latest == AT_ONCE:
            latest = await self.outbox.dispatch(self.subscribers.subscriptions, AT_ONCE)
            dispatched += latest
        return dispatched

    async def _hand_on(self, handler: str) -> None:
        try:
            await self.jobs.deliver(handler)
        except Unavailable:  # the events wait for nobody: then by our own hands
            await self.deliver(handler)


def name_of(handler: EventHandler[Any]) -> str:
    return type(handler).__name__


def told(error: BaseException) -> str:
    """An error in one short line, for the row of what failed."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:ERROR_LENGTH]
