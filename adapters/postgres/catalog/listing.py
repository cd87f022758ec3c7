"""The statement behind a list of products: put together from fixed clauses, never from what the caller wrote."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from itertools import product as combinations
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from application.catalog.wishes import ProductFilter, id_of
from application.paging import Position

# In the order of product_item's arguments; the row's key follows.
COLUMNS = """p.id, p.name, p.slug, p.price, p.compare_at_price, p.currency, p.primary_image,
  p.category_id, c.name, c.slug, s.available, p.track_inventory, p.low_stock_threshold, p.is_active, p.is_featured,
  p.variants_count, p.rating_average, p.rating_count"""
SOURCES = """from product p
left join category c on c.id = p.category_id
left join lateral (
  select coalesce(sum(greatest(0, st.on_hand + st.backorder_limit - st.reserved)), 0)::bigint as available
  from stock st
  where st.sku = any(case when p.variants_count = 0 then array[p.sku]
    else array(select v.sku from variant v where v.product_id = p.id and v.is_active) end)
) s on true"""
# By slug or id; the last place says whether one that is not active may be named.
SUBTREE = """p.category_id = any(array(
  with recursive below as (
    select id from category where (slug = {} or id = {}) and (is_active or {})
    union all
    select child.id from category child join below on child.parent_id = below.id where child.is_active
  )
  select id from below))"""
SEARCH = """(position(lower({0}) in lower(p.name)) > 0
  or exists (select from sku k where k.product_id = p.id and position(lower({0}) in lower(k.sku)) > 0)
  or exists (select from unnest(p.tags) as tag where position(lower({0}) in lower(tag)) > 0))"""
ATTRIBUTES = """exists (select from variant v where v.product_id = p.id and v.is_active
  and v.attributes @> any({}::jsonb[]))"""


class Key(NamedTuple):
    """What a list is ordered by, beside the id, and how a sealed value becomes one again."""

    column: str
    restored: Callable[[Any], Any]


KEYS = {
    "price": Key("p.price", int),
    "name": Key("p.name", str),
    "created_at": Key("p.created_at", datetime.fromisoformat),
    "popularity": Key("p.popularity", int),
}


# Rows. A limit that stands in the text lets PostgreSQL keep its plan; one that comes as an argument has it plan anew,
# unless other arguments (prices, tags) tell so much that it would plan anew for those.
LIMITS = (21, 101)


class Listing(NamedTuple):
    """A statement and its arguments."""

    sql: str
    arguments: list[Any]


def listing(wanted: ProductFilter, size: int, position: Position | None, *, staff: bool) -> Listing:
    """The rows of one page and at least one more, from the position on, in its way."""
    clauses, arguments = zip(*_conditions(wanted, staff=staff), strict=True)
    name = wanted.ordering.removeprefix("-")
    backwards = position is not None and position.way == "previous"
    downwards = wanted.ordering.startswith("-") != backwards
    values = [value for several in arguments for value in several]
    if position:
        values += [KEYS[name].restored(position.values[0]), UUID(position.values[1])]
    if wanted.min_price or wanted.max_price or wanted.tags:
        limit, values = "{}", [*values, size + 1]
    else:
        limit = str(next(rows for rows in LIMITS if rows > size))
    return Listing(_statement(clauses, name, downwards, position is not None, limit), values)


def key(row: asyncpg.Record) -> tuple[Any, ...]:
    """The keyset values of a row."""
    return row[-1], row[0]


def _conditions(wanted: ProductFilter, *, staff: bool) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Clauses with a place ({}) for each of their arguments."""
    yield "p.is_active" if wanted.is_active else "not p.is_active", ()
    if not staff and not wanted.is_active:
        yield "false", ()
    if wanted.category is not None:
        yield SUBTREE, (wanted.category, id_of(wanted.category), staff)
    if wanted.min_price is not None:
        yield "p.price >= {}", (wanted.min_price.amount,)
    if wanted.max_price is not None:
        yield "p.price <= {}", (wanted.max_price.amount,)
    yield from _flags(wanted)
    if wanted.tags:
        yield "p.tags @> {}::text[]", (list(wanted.tags),)
    if wanted.attributes:
        yield ATTRIBUTES, (_alternatives(wanted.attributes),)
    if wanted.search:
        yield SEARCH, (wanted.search,)


def _flags(wanted: ProductFilter) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if wanted.in_stock is not None:
        yield f"{'' if wanted.in_stock else 'not '}(s.available > 0 or not p.track_inventory)", ()
    if wanted.is_featured is not None:
        yield f"{'' if wanted.is_featured else 'not '}p.is_featured", ()
    if wanted.is_on_sale is not None:
        yield f"coalesce(p.compare_at_price, 0) {'>' if wanted.is_on_sale else '<='} p.price", ()


def _alternatives(attributes: tuple[tuple[str, tuple[str, ...]], ...]) -> list[str]:
    """Every set of attributes with which a variant would do, as JSON."""
    names = [name for name, _ in attributes]
    return [
        msgspec.json.encode(dict(zip(names, values, strict=True))).decode()
        for values in combinations(*(values for _, values in attributes))
    ]


@cache
def _statement(clauses: tuple[str, ...], ordered_by: str, downwards: bool, goes_on: bool, limit: str) -> str:
    """One text for one combination of clauses, so that PostgreSQL plans each once. All of it is ours."""
    column = KEYS[ordered_by].column
    places = iter(range(1, 100))
    where = [_numbered(clause, places) for clause in clauses]
    if goes_on:
        where.append(_numbered(f"({column}, p.id) {'<' if downwards else '>'} ({{}}, {{}})", places))
    way = "desc" if downwards else "asc"
    return (
        f"select {COLUMNS}, {column}\n{SOURCES}\nwhere {' and '.join(where)}\n"
        f"order by {column} {way}, p.id {way}\nlimit {_numbered(limit, places)}"
    )


def _numbered(clause: str, places: Iterator[int]) -> str:
    """The clause with numbered parameters; one that names its argument ({0}) takes one number for all."""
    if "{0}" in clause:
        return clause.replace("{0}", f"${next(places)}")
    while "{}" in clause:
        clause = clause.replace("{}", f"${next(places)}", 1)
    return clause
