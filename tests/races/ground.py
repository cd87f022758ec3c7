"""Where races are run: a small shop on machines of its own, its web server, and as many customers as one likes."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
from sqlalchemy.engine import make_url

from application.ports import AccessTokens
from domain.inventory import StockItem
from entrypoints.container import migrate_up
from entrypoints.shop import Shop, open_shop
from tests.audit import Books, audit
from tests.benchmarks.client import Answer, Load, request
from tests.benchmarks.crowd import ADDRESS, ADMIT, SESSIONS, token
from tests.benchmarks.servers import CLI, Machines, web

AT_ONCE = 200  # connections
ADDRESSED = msgspec.json.encode({"shipping_address": ADDRESS})
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"
ON_TWO_LINES = """
insert into cart (id, user_id, items, updated_at, version)
select gen_random_uuid(), lpad(to_hex(n), 32, '0')::uuid, (
    select jsonb_agg(jsonb_build_object('id', gen_random_uuid(), 'product', $2::uuid, 'variant', null, 'quantity', q))
      from unnest($3::int[]) as q), now(), 1
  from unnest($1::int[]) as n
"""


def outcomes(answers: Sequence[Answer]) -> Counter[int | str]:
    """How often which status; of a refusal its code."""
    return Counter(answer.status if answer.status < 400 else code(answer) for answer in answers)


def code(answer: Answer) -> str:
    told: dict[str, Any] = msgspec.json.decode(answer.body)
    return f"{answer.status} {told['type'].rpartition('/')[2]}"


@dataclass(slots=True)
class Ground:
    """Customers are numbers from 1 to `size`; nobody is two races' customer."""

    shop: Shop
    connection: asyncpg.Connection
    load: Load
    tokens: Sequence[str]
    customers: int = 0
    goods: int = 0
    articles: dict[str, UUID] = field(default_factory=dict)

    async def goods_of(self, stock: int, price: str = "10.00") -> str:
        """A new product."""
        self.goods += 1
        sku = f"RACE-{self.goods}"
        product = await self.shop.has(sku, stock=stock, price=price)
        self.articles[sku] = product.id
        return sku

    def next(self, many: int) -> list[int]:
        """Customers who have not bought anything yet."""
        first, self.customers = self.customers + 1, self.customers + many
        if self.customers >= len(self.tokens):
            raise IndexError("more customers than were let in")
        return list(range(first, self.customers + 1))

    async def ask(self, requests: Sequence[bytes]) -> list[Answer]:
        """All at once, each on a connection of its own, as far as there are so many."""
        many = len(self.load.connections)
        return [
            answer
            for start in range(0, len(requests), many)
            for answer in await self.load.ask_at_once(requests[start : start + many])
        ]

    def post(self, customer: int, path: str, said: Any = None, key: str | None = None) -> bytes:
        body = said if isinstance(said, bytes) else msgspec.json.encode(said or {})
        return request("POST", f"/api/orders/{path}", self.tokens[customer], body, key)

    def add(self, customer: int, sku: str, quantity: int = 1) -> bytes:
        return self.post(customer, "cart/add_item/", {"product_id": self.articles[sku], "quantity": quantity})

    def check_out(self, customer: int) -> bytes:
        """Under a new key."""
        return self.post(customer, "cart/checkout/", ADDRESSED, str(uuid4()))

    async def fill(self, customers: Sequence[int], sku: str, quantities: Sequence[int] = (1,)) -> None:
        """Everybody's cart with that, by turns as many as `quantities` say."""
        wanted = (quantities[n % len(quantities)] for n in range(len(customers)))
        told = await self.ask([self.add(each, sku, many) for each, many in zip(customers, wanted, strict=True)])
        assert outcomes(told) == {200: len(customers)}

    async def fill_two_lines(self, customers: Sequence[int], sku: str, quantities: Sequence[int]) -> None:
        """As no request does it: the same article on several lines."""
        await self.connection.execute(ON_TWO_LINES, customers, self.articles[sku], quantities)

    async def stock(self, sku: str) -> StockItem:
        return await self.shop.stock(sku)

    async def audit(self) -> Books:
        """After all that is still to be done."""
        await self.shop.deliver_events()
        return await audit(self.shop.container)

    async def deadlocks(self) -> int:
        found: int = await self.connection.fetchval(DEADLOCKS)
        return found


@asynccontextmanager
async def ground(found: Machines, customers: int, connections: int = AT_ONCE) -> AsyncIterator[Ground]:
    """In a database of its own on these machines."""
    own = await _database(found)
    await migrate_up(own.settings)
    connection = await asyncpg.connect(own.database_url)
    try:
        await connection.execute(ADMIT, customers)
        await connection.execute("update account set version = 0")  # nobody tells of an account that nobody opened
        await connection.execute(SESSIONS, customers)
        async with (
            open_shop(own.settings) as shop,
            web(own, "web", *CLI, "serve") as server,
            Load.on(server.port, connections) as load,
        ):
            tokens = await shop.get(AccessTokens)
            yield Ground(shop, connection, load, [token(tokens, n) for n in range(customers + 1)])
    finally:
        await connection.close()


async def _database(found: Machines) -> Machines:
    name = f"races_{uuid4().hex}"
    connection = await asyncpg.connect(found.database_url)
    await connection.execute(f"create database {name}")
    await connection.close()
    url = make_url(found.database_url).set(database=name)
    return replace(found, database_url=url.render_as_string(hide_password=False))
