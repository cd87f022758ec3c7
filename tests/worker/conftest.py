"""A shop with something to sell, on real PostgreSQL and Valkey, and workers to try on it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from dishka import AsyncContainer
from redis.asyncio import Redis

from adapters.postgres.database import Database
from application.cart import AddItem
from application.checkout import Checkout, PlaceOrder
from application.outbox import DeliverEvents, Hands, Jobs, Outbox, Patience, Pokes, RelayEvents, Subscribers
from application.ports import Mailbox, Outgoing, Store
from domain.accounts import Actor, Address, User, UserId
from domain.catalog import Product, ProductId
from domain.inventory import Shelf, Sku, StockItem
from domain.money import Money
from entrypoints.container.basics import utc_now
from entrypoints.settings import Settings
from entrypoints.worker import Worker
from tests.conftest import on_machines

WITHIN = 30.0  # seconds for what must come true
LOOK_EVERY = 0.01
HOME = Address(full_name="Ann", address_line1="1 Way", city="Bath", postal_code="BA1", country="GB")


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Return once it holds; fail if it does not in good time."""
    async with asyncio.timeout(WITHIN):
        while not await condition():  # noqa: ASYNC110 (the condition is in a database)
            await asyncio.sleep(LOOK_EVERY)


@dataclass(frozen=True)
class TinyShop:
    """One customer and one product, of which there is enough."""

    container: AsyncContainer
    customer: Actor
    product: ProductId

    @classmethod
    async def open(cls, container: AsyncContainer) -> "TinyShop":
        store, now = await container.get(Store), utc_now()
        user = User.register(UserId(uuid4()), "ann@example.com", "x", now)
        user.email_verified = True  # no letter asks for that: the mails are those of orders
        lamp = Product.create(
            at=now, id=ProductId(uuid4()), name="Lamp", slug="lamp", sku="LAMP", price=Money(999, "USD")
        )
        async with store.transaction() as tx:
            await tx.users.save(user)
            await tx.products.save([lamp])
            await tx.stock.save(Shelf({Sku("LAMP"): StockItem.receive(Sku("LAMP"), 1000, now)}))
        return cls(container, Actor(user.id, frozenset(user.roles)), lamp.id)

    async def sell(self) -> None:
        """One order more. Its event is in the outbox when this returns."""
        add_item, place = await self.container.get(AddItem), await self.container.get(PlaceOrder)
        await add_item(self.customer, (self.product, None), 1)
        await place(self.customer, Checkout(shipping_address=HOME))

    async def mail(self) -> list[Outgoing]:
        return list(await (await self.container.get(Mailbox)).sent(1000))

    async def sql(self, query: str) -> Any:
        """The one value that a statement asks for."""
        database = await self.container.get(Database)
        async with database.connection() as connection:
            return await connection.fetchval(query)

    async def owing(self) -> int:
        """Events without a position, and deliveries that are neither done nor dead."""
        owing: int = await self.sql(
            "select (select count(*) from outbox where position is null)"
            " + (select count(*) from delivery where done_at is null and dead_at is null)"
        )
        return owing

    async def all_mailed(self, orders: int) -> None:
        async def done() -> bool:
            return await self.owing() == 0 and len(await self.mail()) == orders

        await eventually(done)

    async def relay(self) -> int:
        return await (await self.container.get(RelayEvents))()

    async def worker(self, subscribers: Subscribers | None = None, patience: Patience | None = None) -> Worker:
        """As `tradepost worker` makes it, or with other handlers."""
        outbox, jobs = await self.container.get(Outbox), await self.container.get(Jobs)
        told = subscribers if subscribers is not None else await self.container.get(Subscribers)
        deliver = DeliverEvents(outbox, told, patience or Patience())
        return Worker(
            relay=RelayEvents(outbox, told, jobs, deliver),
            deliver=deliver,
            hands=await self.container.get(Hands),
            pokes=await self.container.get(Pokes),
        )


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[None]:
    """The worker works within, and has ended in good order after."""
    stop = asyncio.Event()
    working = asyncio.create_task(worker(stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(WITHIN):
            await working


@pytest.fixture
def machine_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """What `postgres_container` is made of, for processes of their own."""
    return on_machines(request, settings)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """Empty, since the databases of the tests before are gone."""
    client = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def shop(postgres_container: AsyncContainer, redis: Redis) -> TinyShop:
    return await TinyShop.open(postgres_container)


@dataclass
class Proxy:
    """A way to a machine that can be cut and mended: while it is cut, the machine is away."""

    host: str
    target: int
    port: int = 0
    _server: asyncio.Server | None = None
    _lines: frozenset[asyncio.StreamWriter] = frozenset()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in self._lines:
            line.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self.host, self.target)
        self._lines |= {writer, far_writer}
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self._lines -= {writer, far_writer}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # cut
    finally:
        writer.transport.abort()


@asynccontextmanager
async def proxied(host: str, target: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(host, target)
    await proxy.mend()
    yield proxy
    await proxy.cut()
