"""The ports of a shop whose machines fail: whoever is behind them, calls are late, lost, doubled or cut short."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from dishka import Provider, Scope, from_context, provide

from adapters.memory.mail import MemoryMailer
from adapters.memory.outbox import MemoryOutbox
from adapters.memory.tables import MemoryDatabase, MemoryUnit, Tables
from adapters.sandbox.gateway import SandboxGateway
from adapters.sandbox.ledger import MemoryLedger
from application import ports
from application.outbox import Delivery, Outbox, Outcome, Subscription
from domain.cart import Article
from domain.errors import DomainError
from domain.money import Money
from domain.ordering import OrderId
from domain.payments import LIVE, Intent, PaymentState
from tests.simulation.world import Promises, World


class UnreliableDatabase(MemoryDatabase):
    """Every transaction of every repository goes through here."""

    def __init__(self, world: World) -> None:
        super().__init__(world.new_id, lambda changed: None)
        self._world = world

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryUnit]:
        world = self._world
        await world.pause("before a transaction")
        if world.happens(world.faults.database_away):
            raise ports.Busy if world.happens(0.5) else ports.Unavailable("database")
        async with super().transaction() as unit:
            before = self.tables
            yield unit
            await world.pause("before a commit")
        for key in self.tables.orders.keys() - before.orders.keys():
            order = self.tables.orders[key]
            world.promises.placements[key] = order.placement
            for line in order.lines:
                world.promises.ordered[line.product, line.variant] += line.quantity
        for sentence in (
            *never(self.tables),
            *shrunk(before, self.tables),
            *doubled(before, self.tables, world.promises),
        ):
            world.wrong(sentence)
        await world.pause("after a commit")
        if world.happens(world.faults.answer_lost):
            raise ports.Unavailable("database")


def never(tables: Tables) -> list[str]:
    """What must not be so for a single moment."""
    shelves = [
        f"{sku}: {item.reserved} of {item.on_hand} reserved, backorders to {item.backorder_limit}"
        for sku, item in tables.stock.items()
        if not 0 <= item.reserved <= item.on_hand + item.backorder_limit
    ]
    coupons = [
        f"{coupon.code}: used {coupon.used} of {coupon.usage_limit} times"
        for coupon in tables.coupons.values()
        if not 0 <= coupon.used <= (coupon.usage_limit or coupon.used)
    ]
    return shelves + coupons


def shrunk(before: Tables, after: Tables) -> list[str]:
    """What is known of money only grows, in whatever order the news come."""
    return [
        f"{now.order_number}: {was.captured} captured, {was.refunded} refunded; then {now.captured}, {now.refunded}"
        for key, was in before.payments.items()
        if (now := after.payments[key]) is not was and (now.captured < was.captured or now.refunded < was.refunded)
    ]


def doubled(before: Tables, tables: Tables, promises: Promises) -> list[str]:
    """No piece in a cart or an order that was not put into a cart, whoever signed in with it."""
    if tables.carts is before.carts:
        return []
    held = promises.ordered.copy()
    for cart in tables.carts.values():
        for item in cart.items:
            held[item.article] += item.quantity
    put: Counter[Article] = Counter()
    for (_, article), pieces in promises.put.items():
        put[article] += pieces
    return [
        f"{pieces} of {article[0]} are in carts and orders, and {put[article]} were put there"
        for article, pieces in held.items()
        if pieces > put[article]
    ]


@dataclass(frozen=True, slots=True)
class UnreliableGateway:
    """`PaymentGateway` and `SandboxCards`."""

    world: World
    sandbox: SandboxGateway

    @property
    def publishable_key(self) -> str:
        return self.sandbox.publishable_key

    async def create_intent(self, order: OrderId, amount: Money, key: str) -> Intent:
        return await self._asked("create an intent", lambda: self.sandbox.create_intent(order, amount, key))

    async def intent(self, id: str) -> Intent | None:
        await self.world.pause("before asking for an intent")
        found = await self.sandbox.intent(id)
        await self._answered()
        return found

    async def cancel_intent(self, id: str) -> Intent:
        return await self._asked("cancel an intent", lambda: self.sandbox.cancel_intent(id))

    async def refund(self, intent: str, amount: Money, key: str) -> Intent:
        return await self._asked(f"refund {amount}", lambda: self.sandbox.refund(intent, amount, key))

    async def confirm(self, intent: str, card: str) -> Intent:
        if self.world.happens(self.world.faults.bank_slow):
            return await self._asked(f"hand {card[-4:]} to its bank", lambda: self._handed_on(intent, card))
        return await self._asked(f"charge {card[-4:]}", lambda: self.sandbox.confirm(intent, card))

    async def _handed_on(self, intent: str, card: str) -> Intent:
        async with self.sandbox.ledger.take(intent) as book:
            if book.intent.state in LIVE - {PaymentState.PROCESSING}:
                book.intent = replace(book.intent, state=PaymentState.PROCESSING)
                collect = self._late(
                    self.world.fate.uniform(30, 600), f"charge {card[-4:]}", lambda: self.sandbox.confirm(intent, card)
                )
                self.world.outside(collect)
            return book.intent

    async def _asked(self, what: str, effect: Callable[[], Awaitable[Intent]]) -> Intent:
        world, faults = self.world, self.world.faults
        await world.pause(f"before it can {what}")
        if world.happens(faults.gateway_away):
            raise ports.Unavailable("payments")
        if world.happens(faults.gateway_late):
            world.outside(self._late(world.fate.uniform(1, 300), what, effect))
            raise ports.Unavailable("payments")
        done = await effect()
        world.note("gateway", f"did {what}")
        await self._answered()
        return done

    async def _answered(self) -> None:
        world = self.world
        if world.happens(world.faults.gateway_slow):
            await asyncio.sleep(world.fate.uniform(1, 60))
        await world.pause("before the gateway's answer arrives")
        if world.happens(world.faults.gateway_answer_lost):
            raise ports.Unavailable("payments")

    async def _late(self, seconds: float, what: str, effect: Callable[[], Awaitable[Intent]]) -> None:
        await asyncio.sleep(seconds)
        try:
            await effect()
        except DomainError as refusal:
            self.world.note("gateway", f"refused late to {what}: {refusal.code}")
        else:
            self.world.note("gateway", f"did late {what}")


@dataclass(frozen=True, slots=True)
class UnreliableMailer:
    """`Mailer`."""

    world: World
    box: MemoryMailer

    async def send(self, mail: ports.Mail) -> None:
        world = self.world
        await world.pause("before a mail")
        if world.happens(world.faults.mail_away):
            raise ports.Unavailable("mail")
        await self.box.send(mail)
        world.promises.mails.append(mail)
        await world.pause("after a mail")
        if world.happens(world.faults.mail_answer_lost):
            raise ports.Unavailable("mail")


@dataclass(frozen=True, slots=True)
class UnreliableOutbox:
    """`Outbox`: in any order, some twice at once, and what became of them is not always kept."""

    world: World
    outbox: MemoryOutbox

    async def dispatch(self, subscriptions: Sequence[Subscription], limit: int) -> int:
        return await self.outbox.dispatch(subscriptions, limit)

    async def due(self, handlers: Sequence[str]) -> Sequence[str]:
        return await self.outbox.due(handlers)

    async def lease(self, handler: str, limit: int, lease: timedelta) -> Sequence[Delivery]:
        leased = list(await self.outbox.lease(handler, limit, lease))
        twice = [each for each in leased if self.world.happens(self.world.faults.told_twice)]
        self.world.fate.shuffle(leased)
        return leased + twice

    async def settle(self, handler: str, outcomes: Sequence[Outcome]) -> None:
        kept = [each for each in outcomes if not self.world.happens(self.world.faults.outcome_lost)]
        await self.outbox.settle(handler, kept)


class PlainPasswords:
    """`Passwords` without the work: nobody attacks a simulation."""

    common: frozenset[str] = frozenset()

    async def hash(self, password: str) -> str:
        return f"plain:{password}"

    async def verify(self, password: str, hash: str | None) -> bool:
        return hash == f"plain:{password}"

    def is_outdated(self, hash: str) -> bool:
        return False


class Machines:
    """What every process of one world shares."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.database = UnreliableDatabase(world)
        self.box = MemoryMailer(world.clock)
        self.sandbox = SandboxGateway(MemoryLedger())


class UnreliableMachines(Provider):
    """How a process comes to its world's machines, and to what is chance's."""

    scope = Scope.APP
    machines = from_context(provides=Machines)

    @provide
    def clock(self, machines: Machines) -> ports.Clock:
        return machines.world.clock

    @provide
    def new_id(self, machines: Machines) -> ports.NewId:
        return machines.world.new_id

    @provide
    def new_number(self, machines: Machines) -> ports.NewOrderNumber:
        return machines.world.new_number

    @provide
    def passwords(self) -> ports.Passwords:
        return PlainPasswords()

    @provide
    def database(self, machines: Machines) -> MemoryDatabase:
        return machines.database

    @provide
    def sandbox(self, machines: Machines) -> SandboxGateway:
        return machines.sandbox

    @provide
    def gateway(self, machines: Machines) -> ports.PaymentGateway:
        return UnreliableGateway(machines.world, machines.sandbox)

    @provide
    def cards(self, machines: Machines) -> ports.SandboxCards:
        return UnreliableGateway(machines.world, machines.sandbox)

    @provide
    def box(self, machines: Machines) -> MemoryMailer:
        return machines.box

    @provide
    def mailer(self, machines: Machines) -> ports.Mailer:
        return UnreliableMailer(machines.world, machines.box)

    @provide
    def outbox(self, machines: Machines, clock: ports.Clock) -> Outbox:
        return UnreliableOutbox(machines.world, MemoryOutbox(machines.database, clock))
