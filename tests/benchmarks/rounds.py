"""A round: every work by the shop and, right beside it, by its yardsticks."""

import re
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import msgspec

from application.checkout import PlaceOrder
from tests.benchmarks import works
from tests.benchmarks.book import Book
from tests.benchmarks.client import FOREVER, Feed, Load, request
from tests.benchmarks.crowd import ADDRESS, LINES, Crowd
from tests.benchmarks.pgbench import Pgbench
from tests.benchmarks.placing import place_orders
from tests.benchmarks.works import Reading, each

LOOKUPS = re.compile(rb'tradepost_cache_lookups_total\{outcome="(hit|joined|miss)",route="[^"]*"\} ([\d.e+]+)')
SHOP, BARE, PGBENCH = "shop", "bare app", "pgbench"
ADAPTER = "adapter"  # the use case without HTTP
WITH_WORKER = "shop, a worker beside it"
CONNECTIONS = 32
CROWDED = 50  # connections after the one article
PIECES = 100
BUYERS = 150
FEW, MANY = 8, 64  # connections of those who buy the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: float  # of each reading
    products: int
    customers: int


def clients(number: int) -> str:
    return f"{number} clients"


class Lookups(NamedTuple):
    """How often an answer was looked for, and how often that led to a statement."""

    all: float
    missed: float


async def lookups(load: Load) -> Lookups:
    told = LOOKUPS.findall((await load.ask(request("GET", "/metrics"))).body)
    return Lookups(sum(float(n) for _, n in told), sum(float(n) for outcome, n in told if outcome == b"miss"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    plan: Plan
    book: Book
    crowd: Crowd
    port: int
    shop: Load
    keeping: Load  # the same shop with its cache on
    keeping_port: int
    limiting: Load  # with its cache on, and limits that nobody reaches
    bare: Load
    bodies: Path
    pgbench: Pgbench
    place_order: PlaceOrder

    async def __call__(self) -> None:
        await self._look_around()
        for reading in works.catalogue(self.plan.products):
            await self._read(reading)
        await self._sell()
        await self._sell_without_http()
        await self._sell_out()
        await self._sell_what_everybody_wants()

    async def _look_around(self) -> None:
        """What is kept: one list again and again, then visits, and how much of what they ask for was there already."""
        feeds: list[Feed] = [repeat(request("GET", "/api/products/products/"))] * CONNECTIONS
        await self._serve(works.CACHED, feeds, self.plan.seconds, self.keeping)
        await self._serve(works.LIMITED, feeds, self.plan.seconds, self.limiting)
        async with Load.on(self.keeping_port, 1) as asking:
            before = await lookups(asking)
            visits = [works.visits(self.plan.products, n) for n in range(CONNECTIONS)]
            self.book.note(works.VISITS, SHOP, await self.keeping.run(visits, self.plan.seconds))
            after = await lookups(asking)
        self.book.hits.append(1 - (after.missed - before.missed) / (after.all - before.all))

    async def _read(self, reading: Reading) -> None:
        feeds = [reading.feed(n, CONNECTIONS) for n in range(CONNECTIONS)]
        await self._serve(reading.name, feeds, self.plan.seconds)
        figure = await self.pgbench.statement(reading.sql, reading.values, self.plan.seconds, reading.top)
        self.book.note(reading.name, PGBENCH, figure)

    async def _sell(self) -> None:
        """From two things in the cart to an order of three, each step by all customers."""
        await self.crowd.fill(LINES - 1)
        for name, make in works.steps(self.crowd):
            await self._serve(name, each(make, self.crowd.size, CONNECTIONS))
        await self.crowd.number_orders()
        await self._read(works.orders(self.crowd))

    async def _serve(self, work: str, feeds: list[Feed], seconds: float = FOREVER, shop: Load | None = None) -> None:
        """By the shop, and by an app that does nothing but send the same bytes."""
        shop = shop or self.shop
        self.book.note(work, SHOP, await shop.run(feeds, seconds))
        name = work.replace(" ", "-")
        (self.bodies / name).write_bytes(shop.connections[0].answer.body)
        asked = request("GET", f"/{name}")
        self.book.note(work, BARE, await self.bare.run([repeat(asked)] * CONNECTIONS, self.plan.seconds))

    async def _sell_without_http(self) -> None:
        """The same steps by pgbench, and checkout by the use case alone."""
        customers = self.crowd.size
        await self.crowd.fill(LINES - 1)
        self.book.note(works.ADD, PGBENCH, await self.pgbench.customers("add_item", customers, self._said()))
        self.book.note(works.CHECKOUT, PGBENCH, await self.pgbench.customers("checkout", customers, self._said()))
        await self.crowd.fill(LINES)
        self.book.note(works.CHECKOUT, ADAPTER, await place_orders(self.place_order, customers))

    async def _sell_out(self) -> None:
        """BUYERS after PIECES of one article, CROWDED at a time."""
        await self.crowd.queue_for(PIECES)
        async with Load.on(self.port, CROWDED) as load:
            await load.run(each(self.crowd.look, BUYERS, CROWDED))
            self.book.note(works.HOT, SHOP, await load.run(each(self.crowd.check_out, BUYERS, CROWDED)))
        self.book.sold.append(await self.crowd.sold())
        await self.crowd.queue_for(PIECES)
        figure = await self.pgbench.customers("checkout_hot", BUYERS, self._said(), CROWDED)
        self.book.note(works.HOT, PGBENCH, figure)

    async def _sell_what_everybody_wants(self) -> None:
        """There is enough of it for all: the more who come, the more wait for its row."""
        for crowd in (FEW, MANY):
            await self.crowd.queue_for(self.crowd.size)
            async with Load.on(self.port, crowd) as load:
                await load.run(each(self.crowd.look, self.crowd.size, crowd))
                figure = await load.run(each(self.crowd.check_out, self.crowd.size, crowd))
            self.book.note(works.POPULAR, clients(crowd), figure)

    def _said(self) -> dict[str, str | int]:
        """What a checkout writes down beside the goods."""
        answer = (self.bodies / works.CHECKOUT.replace(" ", "-")).read_text()
        addresses = msgspec.json.encode({"shipping_address": ADDRESS, "billing_address": ADDRESS}).decode()
        event = msgspec.json.encode({"order": str(UUID(int=0)), "number": "ORD-XXXXXXXXXX", "total": 1}).decode()
        return {"articles": len(self.crowd.articles), "placement": addresses, "event": event, "answer": answer}
