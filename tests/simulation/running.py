"""A run: a seed in, a history out."""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from dishka import AsyncContainer, Scope
from msgspec import Raw
from msgspec.json import encode

from adapters.memory.tables import MemoryDatabase
from adapters.sandbox.gateway import SandboxGateway
from adapters.sandbox.ledger import MemoryLedger
from application.accounts.registering import Register, Registration
from application.audit_log.keeping import ExtendAuditLog
from application.cancelling import ExpireOrders
from application.outbox import RelayEvents
from application.payments import Reconcile
from application.promotions import CreateCoupon
from application.rates.forms import AreaForm, MethodForm, NewShippingZone, NewTaxZone, RateForm
from application.rates.managing import CreateShippingZone, CreateTaxZone
from domain.accounts import Actor, Role, UserId
from domain.inventory import Sku
from entrypoints.container import make_memory_container
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.audit import audit
from tests.simulation.actors import GATEWAY, STAFF, live, live_as
from tests.simulation.actors.accounts import PASSWORD
from tests.simulation.actors.machines import done, work
from tests.simulation.endings import broken
from tests.simulation.faults import Machines, UnreliableMachines
from tests.simulation.scene import COUPONS, GOODS, Buyer, Scene
from tests.simulation.world import Faults, Process, World

LASTS = 150.0  # seconds of simulated life
SETTLING = 12  # hours after it in which all must come to its end
SETTINGS = Settings(
    environment="test",
    secret_key="a secret key for simulations, long enough",
    public_base_url="http://shop.test",
    rate_limits=False,
    tax_rate="7.25",
    unpaid_order_ttl=90,
    data_dir=Path("/nonexistent"),
)


class WorldClock(ShopClock):
    """The time of the world, not of the machine."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def __call__(self) -> datetime:
        return self._world.clock()


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a seed. `digest` tells two histories apart."""

    seed: int
    digest: str
    violations: tuple[str, ...]
    history: tuple[str, ...]
    orders: int

    @property
    def story(self) -> str:
        """The end of it, for who has to find out why."""
        return "\n".join(
            [
                f"seed {self.seed}: {'; '.join(self.violations)[:2000]}",
                *self.history[-40:],
                f"again, and all of it: make simulate SEED={self.seed}",
            ]
        )


def simulate(seed: int, *, reliable: bool = False) -> Run:
    """Live through one seed. The same seed gives the same history, in any process."""
    world = World(seed)
    if reliable:
        world.faults = Faults()
    with _alone(seed):
        try:
            orders = world.loop.run_until_complete(_live(world))
        finally:
            world.loop.close()
    return Run(seed, world.digest, tuple(world.violations), tuple(world.history), orders)


@contextmanager
def _alone(seed: int) -> Iterator[None]:
    """What the process shares with others: the common random numbers, and a log that nobody reads."""
    state = random.getstate()
    random.seed(seed)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        random.setstate(state)


async def _live(world: World) -> int:
    machines = Machines(world)

    def make() -> AsyncContainer:
        return _plan()(context={Machines: machines}, scope=Scope.APP, lock_factory=asyncio.Lock)

    rates, world.faults = world.faults, Faults()
    scene = await _opened(world, make)
    world.faults = rates
    lives = [live_as(scene, buyer, 8) for buyer in scene.buyers]
    lives += [live(scene, STAFF, 5), live(scene, GATEWAY, 20)]
    lives += [work(scene, worker) for worker in scene.workers]
    tasks = [asyncio.create_task(each) for each in lives]
    await asyncio.sleep(LASTS)
    world.is_over = True
    await asyncio.wait(tasks)
    await _settle(world, scene)
    await _judge(world, scene, scene.webs[0].container)
    return len(scene.database.tables.orders)


@cache
def _plan() -> AsyncContainer:
    """What every process of every world is made by; it holds nothing of any, and is drawn once."""
    outermost = make_memory_container(SETTINGS, UnreliableMachines()).parent_container
    assert outermost is not None
    return outermost


async def _opened(world: World, make: Callable[[], AsyncContainer]) -> Scene:
    webs, workers = ([Process(f"{kind}-{n}", world, make) for n in (1, 2)] for kind in ("web", "worker"))
    container = webs[0].container
    shop = Shop(container, WorldClock(world))
    ledger = (await container.get(SandboxGateway)).ledger
    assert isinstance(ledger, MemoryLedger)
    scene = Scene(world, webs, workers, await container.get(MemoryDatabase), ledger, Actor.shop())
    for sku, (price, stock) in GOODS.items():
        await shop.has(sku, price=price, stock=stock)
        scene.articles[Sku(sku)] = await shop.article(sku)
    for name in ("ann", "bob"):
        form = Registration(email=f"{name}@example.com", password=PASSWORD)
        account = await (await container.get(Register))(form)
        scene.buyers.append(Buyer(name, Actor(UserId(account.id), frozenset({Role.CUSTOMER})), form.email))
    scene.buyers.append(scene.newcomer())
    for coupon in COUPONS:
        await (await container.get(CreateCoupon))(scene.staff, coupon)
    await _charge(scene, container)
    return scene


async def _charge(scene: Scene, container: AsyncContainer) -> None:
    """Every other shop has zones: prices with the tax in them or without, parcels, free from a subtotal."""
    chance = scene.world.stream("zones")
    if chance.random() < 0.5:
        return
    rates = {"standard": chance.choice(("19", "8.875", "0"))}
    taxed = NewTaxZone(name="Here", areas=[AreaForm("US")], rates=rates, includes_tax=chance.random() < 0.5)
    await (await container.get(CreateTaxZone))(scene.staff, taxed)
    price, free_from = (Raw(encode(f"{chance.randrange(most)}.{chance.randrange(100):02}")) for most in (9, 90))
    method = MethodForm(code="post", name="Post", estimated_days=3, rates=[RateForm(price=price)], free_from=free_from)
    await (await container.get(CreateShippingZone))(
        scene.staff, NewShippingZone(name="All", areas=[], methods=[method])
    )


async def _settle(world: World, scene: Scene) -> None:
    """Everything works again, and time passes until nothing is left to be done."""
    world.faults = Faults()
    for _ in range(SETTLING):
        await asyncio.sleep(3600)
        for chore in (ExpireOrders, Reconcile, RelayEvents, RelayEvents, ExtendAuditLog):
            await done(world, scene.workers[0], chore)


async def _judge(world: World, scene: Scene, container: AsyncContainer) -> None:
    for sentence in broken(scene.database.tables, scene.ledger, world.promises):
        world.wrong(sentence)
    try:
        await audit(container)
    except AssertionError as error:
        world.wrong(" ".join(str(error).split())[:1500])
    tables = scene.database.tables
    world.note("end", f"{len(tables.orders)} orders, {len(tables.movements)} movements, {len(tables.outbox)} events")
