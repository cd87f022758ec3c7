"""The statement behind a list of products: put together from fixed clauses, never from what the caller wrote.

Without filters a list walks the index of its ordering. With filters it walks a stretch of it first, which is enough
where many products match; where the stretch was too short, few match, and those are collected by the filters' own
indexes. So no list depends on how well PostgreSQL guesses how many match.
"""

# ruff: noqa: S608 - every text is ours; what the caller wrote is an argument

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from itertools import product as combinations
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.catalog.facets import CATEGORY, attribute_facets, tag_facets
from application.catalog.wishes import ProductFilter, id_of
from application.paging import Position

# In the order of product_item's arguments; the row's key follows.
COLUMNS = """p.id, p.name, p.slug, p.price, p.compare_at_price, p.currency, p.primary_image,
  p.category_id, c.name, c.slug, s.available, p.track_inventory, p.low_stock_threshold, p.is_active, p.is_featured,
  p.variants_count, p.rating_average, p.rating_count"""
BESIDES = """left join category c on c.id = p.category_id
left join lateral (
  select coalesce(sum(greatest(0, st.on_hand + st.backorder_limit - st.reserved)), 0)::bigint as available
  from stock st
  where st.sku = any(case when p.variants_count = 0 then array[p.sku]
    else array(select v.sku from variant v where v.product_id = p.id and v.is_active) end)
) s on true"""
SOURCES = f"from product p\n{BESIDES}"
# A category by slug or id, and those below it. The last place says whether one that is not active may be named.
BELOW = """recursive below as (
  select id from category where (slug = {} or id = {}) and (is_active or {})
  union all
  select child.id from category child join below on child.parent_id = below.id where child.is_active
)"""
# Arguments that PostgreSQL is not to look at when it plans stand in a SELECT: so one plan, kept, is good for all.
IN_CATEGORY = f"p.facets && array(select '{CATEGORY}' || id from below)"
ALL_FACETS = "p.facets @> (select {}::text[])"
ANY_FACET = "p.facets && (select {}::text[])"
ONE_VARIANT = """exists (select from variant v where v.product_id = p.id and v.is_active
  and v.attributes @> any({}::jsonb[]) offset 0)"""
# Name, SKUs and tags in lower case, a line each, stand in the document that search keeps; signs of LIKE are escaped.
SEARCH = r"""p.id in (select d.product_id from search_document d
  where d.listed like (select '%' || regexp_replace(lower({}::text), '([\\%_])', '\\\1', 'g') || '%'))"""
PRICES = "p.price between (select {}::bigint) and (select {}::bigint)"
ON_SALE = "p.compare_at_price > p.price"

FEW = {"not p.in_stock", "p.is_featured", ON_SALE}  # which most products are not: they have indexes of their own

# Rows of a page and one more. A limit in the text lets PostgreSQL keep its plan; for an argument it would plan anew.
LIMITS = (21, 101)
STRETCH = 2000  # products that are walked before those that match are collected
STRETCH_OF_CATEGORY = 500  # in each of the categories
HIGHEST = 2**63 - 1
NO_ID = UUID(int=0)  # instead of a null, for which PostgreSQL would plan anew each time


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class Key(NamedTuple):
    """What a list is ordered by, beside the id, how it is read, and how a sealed value becomes one again."""

    column: str
    read: str
    restored: Callable[[Any], Any]
    type: str


# Seconds, exact to the microsecond for centuries: asyncpg takes longer over a page's moments than over all the rest.
KEYS = {
    "price": Key("price", "p.price", int, "bigint"),
    "name": Key("name", "p.name", str, "text"),
    "created_at": Key("created_at", "date_part('epoch', p.created_at)", moment, "timestamptz"),
    "popularity": Key("popularity", "p.popularity", int, "bigint"),
}


class Listing(NamedTuple):
    """A statement and its arguments."""

    sql: str
    arguments: tuple[Any, ...]


class Clauses(NamedTuple):
    """What the rows must be: `below` finds the categories, `scope` bounds the walk, `filters` pick on the way."""

    below: str
    scope: str
    filters: tuple[str, ...]
    is_search: bool


class Order(NamedTuple):
    """By what the rows come, which way, and how many."""

    column: str
    downwards: bool
    rows: int

    def __str__(self) -> str:
        way = "desc" if self.downwards else "asc"
        return f"order by p.{self.column} {way}, p.id {way}"

    @property
    def read(self) -> str:
        return KEYS[self.column].read

    @property
    def back(self) -> "Order":
        return self._replace(downwards=not self.downwards)

    @property
    def sooner(self) -> str:
        return ">" if self.downwards else "<"


def listing(wanted: ProductFilter, size: int, position: Position | None, *, staff: bool) -> Listing:
    """The rows of one page and at least one more, from the position on, in its way."""
    return _first_page(wanted, size, staff) if position is None else _listing(wanted, size, position, staff=staff)


@lru_cache(1000)
def _first_page(wanted: ProductFilter, size: int, staff: bool) -> Listing:
    return _listing(wanted, size, None, staff=staff)


def _listing(wanted: ProductFilter, size: int, position: Position | None, *, staff: bool) -> Listing:
    by = KEYS[wanted.ordering.removeprefix("-")]
    backwards = position is not None and position.way == "previous"
    downwards = wanted.ordering.startswith("-") != backwards
    arguments: list[Any] = []

    def put(clause: str, *values: Any) -> str:
        """The clause with the numbers of its arguments, {} or {0}."""
        arguments.extend(values)
        return clause.format(*(f"${n}" for n in range(len(arguments) - len(values) + 1, len(arguments) + 1)))

    below = "" if wanted.category is None else put(BELOW, wanted.category, id_of(wanted.category) or NO_ID, staff)
    scope = [_activity(wanted, staff=staff)]
    filters = [*_flags(wanted), *(put(clause, value) for clause, value in _details(wanted))]
    if wanted.min_price is not None or wanted.max_price is not None:
        (scope if by.column == "price" else filters).append(put(PRICES, *_prices(wanted)))
    if position:
        values = by.restored(position.values[0]), UUID(position.values[1])
        place = f"((select {{}}::{by.type}), (select {{}}::uuid))"
        scope.append(put(f"(p.{by.column}, p.id) {'<' if downwards else '>'} {place}", *values))
    clauses = Clauses(below, " and ".join(scope), tuple(filters), bool(wanted.search))
    rows = next(rows for rows in LIMITS if rows > size)
    return Listing(_statement(clauses, Order(by.column, downwards, rows)), tuple(arguments))


def key(row: asyncpg.Record) -> tuple[Any, ...]:
    """The keyset values of a row."""
    return row[-1], row[0]


def _activity(wanted: ProductFilter, *, staff: bool) -> str:
    if wanted.is_active:
        return "p.is_active"
    return "not p.is_active" if staff else "not p.is_active and false"


def _prices(wanted: ProductFilter) -> tuple[int, int]:
    """Always both: for one alone PostgreSQL would expect that a third of all products match."""
    low = 0 if wanted.min_price is None else wanted.min_price.amount
    return low, HIGHEST if wanted.max_price is None else wanted.max_price.amount


def _flags(wanted: ProductFilter) -> Iterator[str]:
    if wanted.in_stock is not None:
        yield "p.in_stock" if wanted.in_stock else "not p.in_stock"
    if wanted.is_featured is not None:
        yield "p.is_featured" if wanted.is_featured else "not p.is_featured"
    if wanted.is_on_sale is not None:
        yield ON_SALE if wanted.is_on_sale else f"({ON_SALE}) is not true"


def _details(wanted: ProductFilter) -> Iterator[tuple[str, Any]]:
    several = [(name, values) for name, values in wanted.attributes if len(values) > 1]
    single = chain(*(attribute_facets(name, values) for name, values in wanted.attributes if len(values) == 1))
    if required := [*tag_facets(wanted.tags), *single]:
        yield ALL_FACETS, required
    for name, values in several:
        yield ANY_FACET, [*attribute_facets(name, values)]
    if len(wanted.attributes) > 1:
        yield ONE_VARIANT, _alternatives(wanted.attributes)
    if wanted.search:
        yield SEARCH, wanted.search


def _alternatives(attributes: tuple[tuple[str, tuple[str, ...]], ...]) -> list[str]:
    """Every set of attributes with which a variant would do, as JSON."""
    names = [name for name, _ in attributes]
    return [
        msgspec.json.encode(dict(zip(names, values, strict=True))).decode()
        for values in combinations(*(values for _, values in attributes))
    ]


@lru_cache(1000)
def _statement(clauses: Clauses, order: Order) -> str:
    """One text for one combination of clauses, so that PostgreSQL plans each once. All of it is ours."""
    if not clauses.below and not clauses.filters:
        return f"select {COLUMNS}, {order.read}\n{SOURCES}\nwhere {clauses.scope}\n{order}\nlimit {order.rows}"
    steps = ",\n".join([*([clauses.below] if clauses.below else []), *_steps(clauses, order)])
    return (
        f"with {steps}\nselect {COLUMNS}, {order.read}\nfrom page join product p on p.id = page.id\n{BESIDES}\n{order}"
    )


def _steps(clauses: Clauses, order: Order) -> Iterator[str]:
    """What leads to `page`, the ids of its rows."""
    if clauses.is_search:
        yield f"page as ({_collected(clauses, order)})"
    elif not clauses.filters:
        first = _of_each(clauses, _walk(clauses, order, f"limit {order.rows}"))
        yield f"page as (select p.id from {first} {order} limit {order.rows})"
    else:
        yield from _near(clauses, order)
        yield f"""page as (
  select id from first where not (select is_wanted from beyond)
  union all select id from ({_collected(clauses, order, "(select is_wanted from beyond)")}) far)"""


def _near(clauses: Clauses, order: Order) -> Iterator[str]:
    """Those that match on a stretch, and whether one beyond it could stand before the last of them."""
    shelf, mine = ("b.id", "where n.shelf = b.id") if clauses.below else ("null", "")
    stretch = STRETCH_OF_CATEGORY if clauses.below else STRETCH
    walk, edge = (_walk(clauses, order, text) for text in (f"limit {stretch}", f"limit 1 offset {stretch}"))
    picked = f"select p.* from ({walk}) p where {' and '.join(clauses.filters)} {order} limit {order.rows}"
    yield f"near as materialized (select {shelf} as shelf, p.id, p.{order.column} from {_of_each(clauses, picked)})"
    yield f"first as materialized (select p.id, p.{order.column} from near p {order} limit {order.rows})"
    yield f"""beyond as materialized (select exists (
  select from {_of_each(clauses, edge)}
  where (select count(*) from near n {mine}) < {order.rows} and ((select count(*) from first) < {order.rows}
    or (p.{order.column}, p.id) {order.sooner} (select p.{order.column}, p.id from first p {order.back} limit 1))
  ) as is_wanted)"""


def _walk(clauses: Clauses, order: Order, limit: str) -> str:
    """Products as they come by an index, of one category where some are wanted."""
    here = f"p.category_id = b.id and {clauses.scope}" if clauses.below else clauses.scope
    return f"select p.* from product p where {here} {order} {limit}"


def _of_each(clauses: Clauses, rows: str) -> str:
    """The rows of every category that is wanted."""
    return f"below b cross join lateral ({rows}) p" if clauses.below else f"({rows}) p"


def _collected(clauses: Clauses, order: Order, *conditions: str) -> str:
    """All that match, then put in order: the OFFSET keeps PostgreSQL from walking along the order once more."""
    where = " and ".join([*conditions, clauses.scope, *([IN_CATEGORY] if clauses.below else []), *clauses.filters])
    few = clauses.below or any("select" in one or one in FEW for one in clauses.filters)
    gathered = "offset 0" if few and not clauses.is_search else ""
    return f"select p.id from (select p.* from product p where {where} {gathered}) p {order} limit {order.rows}"
