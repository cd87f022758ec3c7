"""A large shop and its customers, put where both the load generator and pgbench can count them off by number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import msgspec

from adapters.memory.media import MemoryMedia
from application.ports import AccessTokens
from application.sample.load import LoadSample
from domain.accounts import User, UserId
from entrypoints.container import make_container, migrate_up
from tests.benchmarks.client import request
from tests.benchmarks.servers import Machines

PIECES = 1_000_000  # of each SKU, so that nothing sells out unless it is meant to
LINES = 3  # of an order
HOT = 1  # the article that everybody wants

# Products are called p-1, p-2, …; customers and their carts have their number for an id; articles are numbered.
NUMBER = f"""
update product set slug = 'p-' || numbered.n
  from (select id, row_number() over (order by id) as n from product) as numbered where numbered.id = product.id;
update stock set on_hand = {PIECES}, reserved = 0;
create unlogged table bench_article as
  select row_number() over (order by v.id)::int as n, v.product_id as product, v.id as variant, v.sku
    from variant v join product p on p.id = v.product_id
   where p.is_active and p.track_inventory and v.is_active;
alter table bench_article add primary key (n);
"""
ADMIT = """
insert into account (id, email, password_hash, first_name, last_name, phone_number, preferred_language, roles,
    is_active, email_verified, date_joined, version)
select lpad(to_hex(n), 32, '0')::uuid, 'customer' || n || '@example.com', '', '', '', '', 'en', '{customer}',
    true, true, now(), 1
  from generate_series(1, $1) as n
"""
CARTS = """
insert into cart (id, user_id, items, updated_at, version)
select lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, '[]', now(), 1 from generate_series(1, $1) as n
"""
SESSIONS = """
insert into session (id, user_id, expires_at)
select lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n), 32, '0')::uuid, now() + interval '7 days'
  from generate_series(1, $1) as n
"""
FORGET = "truncate purchase, purchase_line, refund, coupon_use, payment, outbox, delivery, handled, movement, once"
ITEMS = """jsonb_agg(jsonb_build_object(
    'id', gen_random_uuid(), 'product', a.product, 'variant', a.variant, 'quantity', 1))"""
FILL = f"""
update cart set version = 1, items = (
  select {ITEMS}
    from generate_series(1, $1) as k
    join bench_article a on a.n = 1 + (('x' || right(cart.id::text, 8))::bit(32)::int * 3 + k) % $2)
"""
FILL_HOT = f"update cart set version = 1, items = (select {ITEMS} from bench_article a where a.n = $1)"
NUMBER_ORDERS = "update purchase set number = 'ORD-' || ('x' || right(user_id::text, 8))::bit(32)::int"
STOCK = "update stock set on_hand = $2, reserved = 0 where sku = (select sku from bench_article where n = $1)"
SOLD = "select reserved from stock where sku = (select sku from bench_article where n = $1)"
ARTICLES = "select product, variant from bench_article order by n"
TIDY = "vacuum (analyze)"


@dataclass(frozen=True, slots=True)
class Crowd:
    """Customers 1 to `size`, whose carts are filled before each measurement."""

    connection: asyncpg.Connection
    size: int
    articles: Sequence[tuple[UUID, UUID]]
    tokens: Sequence[str]

    async def fill(self, items: int) -> None:
        """Everybody's cart with so many items; no order was ever placed."""
        await self.connection.execute(FORGET)
        await self.connection.execute(FILL, items, len(self.articles))
        await self.connection.execute(STOCK, HOT, PIECES)
        await self.connection.execute("vacuum (analyze) cart, stock")

    async def number_orders(self) -> None:
        """Give each customer's order the customer's number."""
        await self.connection.execute(NUMBER_ORDERS)

    async def queue_for(self, pieces: int) -> None:
        """Everybody's cart with the same one article, of which there are so many."""
        await self.connection.execute(FORGET)
        await self.connection.execute(FILL_HOT, HOT)
        await self.connection.execute(STOCK, HOT, pieces)

    async def sold(self) -> int:
        """How many of that article are reserved."""
        reserved: int = await self.connection.fetchval(SOLD, HOT)
        return reserved

    def article(self, customer: int, nth: int) -> tuple[UUID, UUID]:
        """What `fill` puts into a cart as its nth item."""
        return self.articles[(customer * LINES + nth) % len(self.articles)]

    def look(self, customer: int) -> bytes:
        return request("GET", "/api/orders/cart/", self.tokens[customer])

    def add(self, customer: int) -> bytes:
        """Put the last item into the cart."""
        product, variant = self.article(customer, LINES)
        body = msgspec.json.encode({"product_id": product, "variant_id": variant, "quantity": 1})
        return request("POST", "/api/orders/cart/add_item/", self.tokens[customer], body)

    def check_out(self, customer: int) -> bytes:
        return request("POST", "/api/orders/cart/checkout/", self.tokens[customer], ADDRESSED, str(uuid4()))


ADDRESS = {
    "full_name": "Ada Example",
    "address_line1": "1 Example Street",
    "address_line2": "",
    "city": "Example Town",
    "state": "",
    "postal_code": "12345",
    "country": "DE",
    "phone_number": "+49 30 1234567",
}
ADDRESSED = msgspec.json.encode({"shipping_address": ADDRESS})


async def settle(machines: Machines, connection: asyncpg.Connection, products: int, customers: int) -> Crowd:
    """Migrate, load so many products, and let in so many customers."""
    await migrate_up(machines.settings)
    container = make_container(machines.settings)
    load = await container.get(LoadSample)
    await replace(load, draw=lambda *_: b"", media=MemoryMedia())(products)  # nobody looks at the pictures
    tokens = await container.get(AccessTokens)
    await container.close()
    await connection.execute(NUMBER)
    await connection.execute(ADMIT, customers)
    await connection.execute(CARTS, customers)
    await connection.execute(SESSIONS, customers)
    await connection.execute(TIDY)
    articles = [(row[0], row[1]) for row in await connection.fetch(ARTICLES)]
    return Crowd(connection, customers, articles, [token(tokens, n) for n in range(customers + 1)])


def token(tokens: AccessTokens, number: int) -> str:
    user = User(
        id=UserId(UUID(int=number)),
        email=f"customer{number}@example.com",
        password_hash="",
        date_joined=datetime.now(UTC),
        version=1,
    )
    return tokens.issue(user, UUID(int=number))
