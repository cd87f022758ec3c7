"""What lists cost PostgreSQL in a large catalogue: an index for every filter, deep pages as cheap as the first."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import combinations, product
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from adapters.embedded import Addresses
from adapters.postgres.catalog.listing import KEYS, NO_ID, listing
from adapters.postgres.catalog.views import DETAIL, FEATURED
from application.catalog.wishes import ProductFilter
from application.paging import Position
from domain.money import Money
from tests.conftest import finish, on_database

PRODUCTS = 20_000
ORDERINGS = ("price", "-price", "name", "-name", "created_at", "-created_at", "popularity", "-popularity")
WIDE = ("Seq Scan", "Parallel Seq Scan")
BIG = {"product", "variant", "stock", "sku"}
# Half of the products are below `half`, in ten categories; ten are in `tiny`, the rest in ten others.
CATALOGUE = f"""
insert into category (id, name, slug, description, parent_id, is_active, version)
select md5(slug)::uuid, slug, slug, '', md5(above)::uuid, true, 1
from (
  values ('half', null), ('rest', null), ('tiny', null)
  union all select 'half-' || n, 'half' from generate_series(0, 9) n
  union all select 'rest-' || n, 'rest' from generate_series(0, 9) n
) as c (slug, above);
insert into product (id, name, slug, sku, description, price, compare_at_price, currency, category_id, tags, is_active,
  is_featured, track_inventory, low_stock_threshold, meta_title, meta_description, images, variants_count, rating_count,
  popularity, created_at, updated_at, version, facets)
select md5('p' || n)::uuid, 'Product ' || md5('n' || n), 'p-' || n, 'P-' || n, repeat('text ', 40),
  1 + n * 7919 % 30000,
  case when n % 5 = 0 then 40000 end, 'USD', md5(place)::uuid, array['tag-' || n % 40], n % 50 > 0,
  n % 997 = 0, true, 5, '', '', '[]', 1, 0,
  n * 31 % 700, timestamptz '2026-01-01' + n * 37 % {PRODUCTS} * interval '1 minute', now(), 1,
  array['category ' || md5(place)::uuid, 'tag tag-' || n % 40, 'attribute Size' || chr(31) || n % 7,
    'attribute Colour' || chr(31) || n % 11]
from (
  select n, case when n <= 10 then 'tiny' when n % 2 = 0 then 'half-' || n % 10 else 'rest-' || n % 10 end as place
  from generate_series(1, {PRODUCTS}) n
) as made;
insert into variant (id, product_id, position, name, sku, attributes, is_active)
select md5('v' || n)::uuid, md5('p' || n)::uuid, 0, '', 'V-' || n,
  jsonb_build_object('Size', (n % 7)::text, 'Colour', (n % 11)::text), true
from generate_series(1, {PRODUCTS}) n;
insert into sku (sku, product_id) select sku, product_id from variant;
insert into stock (sku, on_hand, reserved, backorder_limit, low_stock_threshold, version)
select 'V-' || n, (n % 10 > 0)::int, 0, 0, 0, 1 from generate_series(1, {PRODUCTS}) n;
"""
CHOICES: dict[str, list[dict[str, Any]]] = {
    "category": [{"category": slug} for slug in ("half", "rest-3", "tiny", "nowhere")],
    "price": [
        {"min_price": Money(500, "USD"), "max_price": Money(900, "USD")},
        {"min_price": Money(1, "USD")},
        {"max_price": Money(20, "USD")},
    ],
    "stock": [{"in_stock": True}, {"in_stock": False}],
    "featured": [{"is_featured": True}, {"is_featured": False}],
    "sale": [{"is_on_sale": True}, {"is_on_sale": False}],
    "tags": [{"tags": ("tag-3",)}, {"tags": ("tag-3", "tag-4")}],
    "attributes": [{"attributes": (("Size", ("3",)),)}, {"attributes": (("Size", ("3", "4")), ("Colour", ("5",)))}],
    "active": [{"is_active": False}],
}


@pytest.fixture(scope="module")
def catalogue_url(machines: Addresses, template_url: str) -> Iterator[str]:
    """Read by all tests of this file."""
    assert machines.database_url is not None
    name = f"catalogue_{uuid4().hex}"
    finish(_execute(machines.database_url, f"create database {name} template template_shop"))
    url = on_database(machines.database_url, name)
    finish(_execute(url, CATALOGUE))
    finish(_execute(url, "vacuum analyze"))
    yield url
    finish(_execute(machines.database_url, f"drop database {name} with (force)"))


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture
async def connection(catalogue_url: str) -> AsyncIterator[asyncpg.Connection]:
    made = await asyncpg.connect(catalogue_url)
    yield made
    await made.close()


def choices() -> Iterator[dict[str, Any]]:
    yield {}
    for one in CHOICES.values():
        yield from one
    for one, other in combinations(CHOICES.values(), 2):
        yield from (first | second for first, second in product(one, other))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def scanned_whole(plan: dict[str, Any]) -> list[str]:
    """The large tables that the plan goes through from end to end."""
    return [node["Relation Name"] for node in nodes(plan) if node["Node Type"] in WIDE and node["Relation Name"] in BIG]


async def planned(connection: asyncpg.Connection, sql: str, arguments: Sequence[Any]) -> list[dict[str, Any]]:
    """The plan for these arguments, and the one that PostgreSQL keeps for all."""
    found = [
        await connection.fetchval(f"explain (format json) {sql}", *arguments),
        await connection.fetchval(f"explain (generic_plan, format json) {sql}", *arguments),
    ]
    return [json.loads(one)[0]["Plan"] for one in found]


async def blocks(connection: asyncpg.Connection, sql: str, arguments: Sequence[Any]) -> int:
    """How many pages of tables and indexes the statement looks at."""
    found = await connection.fetchval(f"explain (analyze, buffers, timing off, format json) {sql}", *arguments)
    plan = json.loads(found)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def deep(connection: asyncpg.Connection, ordering: str, where: str = "is_active") -> Position:
    """Where a page begins that has three quarters of the rows before it."""
    key, way = KEYS[ordering.removeprefix("-")], "desc" if ordering.startswith("-") else "asc"
    ((value, place),) = await connection.fetch(
        f"""select {key.read}, id from product p where {where} order by p.{key.column} {way}, id {way}
        offset (select count(*) * 3 / 4 from product where {where}) limit 1"""
    )
    return Position((value, str(place)))


async def test_no_list_goes_through_all_products(connection: asyncpg.Connection) -> None:
    for number, choice in enumerate(choices()):
        for ordering in {ORDERINGS[number % 8], "-created_at", "price"}:
            position = await deep(connection, ordering) if number % 2 else None
            wanted = ProductFilter(**choice, ordering=ordering)  # type: ignore[arg-type]
            sql, arguments = listing(wanted, 20, position, staff=True)
            for plan in await planned(connection, sql, arguments):
                assert scanned_whole(plan) == [], wanted


async def test_neither_do_a_product_in_full_and_the_featured(connection: asyncpg.Connection) -> None:
    for sql, arguments in ((DETAIL, ("p-7", NO_ID, False)), (FEATURED, ())):
        for plan in await planned(connection, sql, arguments):
            assert scanned_whole(plan) == []
        assert await blocks(connection, sql, arguments) < 200


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize(
    ("choice", "where"),
    [
        ({}, "is_active"),
        ({"in_stock": True}, "is_active and in_stock"),
        ({"category": "half"}, "is_active and n_half"),
        ({"category": "rest-3", "is_on_sale": False}, "is_active and rest_3"),
    ],
)
async def test_a_deep_page_costs_what_the_first_costs(
    connection: asyncpg.Connection, ordering: str, choice: dict[str, Any], where: str
) -> None:
    wanted = ProductFilter(**choice, ordering=ordering)  # type: ignore[arg-type]
    named = {
        "n_half": "category_id in (select id from category where slug like 'half%')",
        "rest_3": "category_id = md5('rest-3')::uuid",
    }
    for short, long in named.items():
        where = where.replace(short, long)
    first = listing(wanted, 20, None, staff=False)
    later = listing(wanted, 20, await deep(connection, ordering, where), staff=False)
    assert len(await connection.fetch(*[later.sql, *later.arguments])) == 21
    assert await blocks(connection, *later) < 1.5 * await blocks(connection, *first)


async def test_few_matches_cost_no_walk_through_all(connection: asyncpg.Connection) -> None:
    """The walk's stretch of 2,000 and the collecting of what matches, whatever two filters are asked for."""
    for number, choice in enumerate(choices()):
        wanted = ProductFilter(**choice, ordering=ORDERINGS[number % 8])  # type: ignore[arg-type]
        sql, arguments = listing(wanted, 20, None, staff=True)
        assert await blocks(connection, sql, arguments) < 9_000, wanted
