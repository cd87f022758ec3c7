"""The statement behind a search: what matches is read once, and the page and every facet are made of it.

A product that fails one filter only still counts in that filter's own facet. So each match carries the filters that it
fails, as bits, and what fails two is dropped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product as combinations
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from adapters.postgres.catalog.listing import BESIDES, COLUMNS
from adapters.postgres.search.asking import Understood
from application.catalog.wishes import ProductFilter, id_of
from application.paging import Position
from application.search.facets import ladder
from application.search.index import Query, SearchOrdering

CATEGORY, PRICE, STOCK, TAGS, ATTRIBUTES = (1 << place for place in range(5))
HIGHEST = 2**63 - 1
NO_ID = UUID(int=0)

# Arguments stand in SELECTs, where PostgreSQL does not look at them to plan: so it keeps one plan for each text.
IN_CATEGORY = """d.category_id = any(array(
    with recursive below as (
      select id from category where (slug = {} or id = {}) and (is_active or {})
      union all
      select child.id from category child join below on child.parent_id = below.id where child.is_active
    )
    select id from below))"""
FILTERS = {
    CATEGORY: IN_CATEGORY,
    PRICE: "d.price between (select {}::bigint) and (select {}::bigint)",
    STOCK: "d.in_stock = (select {}::bool)",
    TAGS: "d.tags @> (select {}::text[])",
    ATTRIBUTES: "d.attributes @> any((select {}::jsonb[])::jsonb[])",
}
MATCHES = "d.words @@ (select {}::text::tsquery)"
# Best first: called or numbered just so; the phrase in the name; the very words in name, tags or categories; words of
# the same stems in the name; begun in it; in tags and categories. Among equals short names, and what is there.
SCORE = """(case when d.name = (select {0}::text) or lower((select {1}::text)) = any(d.skus) then 64 else 0 end
    + case when strpos(' ' || d.name || ' ', (select ' ' || {0}::text || ' ')) > 0 then 32 else 0 end
    + case when d.words @@ (select {2}::text::tsquery) then 16 else 0 end
    + case when d.words @@ (select {3}::text::tsquery) then 8 else 0 end
    + case when d.words @@ (select {4}::text::tsquery) then 4 else 0 end
    + case when d.words @@ (select {5}::text::tsquery) then 2 else 0 end) * 32
    + (15 - least(d.name_words, 15)) * 2 + d.in_stock::int"""
FOUND = """with found as materialized (
  select * from (
    select d.product_id, d.category_id, d.price, d.in_stock, d.tags, d.attributes, {score} as score, {fails} as fails
    from search_document d
    where {conditions}
  ) matched
  where fails & (fails - 1) = 0
), counted as (
  select grouping(category_id, place, in_stock, tags, attributes) as facet, fails, count(*) as products,
    min(price) as cheapest, max(price) as dearest, category_id, place, in_stock, tags, attributes
  from (select *, width_bucket(price, {ladder}) as place from found) ranged
  group by grouping sets ((category_id, fails), (place, fails), (in_stock, fails), (tags, fails), (attributes, fails))
)
select (
  select coalesce(json_agg(json_build_object(
    'id', id, 'name', name, 'slug', slug, 'parent', parent_id, 'is_active', is_active)), '[]') from category
), (
  select coalesce(json_agg(json_build_array(facet, fails, products, cheapest, dearest, case facet
    when 15 then to_json(category_id) when 23 then to_json(place) when 27 then to_json(in_stock)
    when 29 then to_json(tags) else attributes::json end)), '[]') from counted
), """
PAGE = """(
  select coalesce(json_agg(json_build_array({columns}, f.place) order by f.place {way}, p.id {way}), '[]') from (
    select f.product_id, {key} as place from {source}
    where f.fails = 0{onwards} order by {key} {way}, f.product_id {way} limit {limit}
  ) f join product p on p.id = f.product_id {besides}
)"""
# What matches knows these of itself; for any other ordering the products are looked up, too.
KNOWN = {"relevance": "f.score", "price": "f.price"}
# How the sealed value of an ordering becomes one again.
RESTORED: dict[str, Callable[[Any], Any]] = {
    "relevance": int,
    "price": int,
    "name": str,
    "created_at": datetime.fromisoformat,
    "popularity": int,
}
NO_PAGE = "'[]'"


class Statement(NamedTuple):
    """A text and its arguments."""

    sql: str
    arguments: list[Any]


@dataclass(slots=True)
class Clauses:
    """Gathers arguments, and numbers them in the clauses that they stand in."""

    arguments: list[Any] = field(default_factory=list)

    def put(self, clause: str, *values: Any) -> str:
        self.arguments.extend(values)
        first = len(self.arguments) - len(values) + 1
        return clause.format(*(f"${n}" for n in range(first, first + len(values))))


def counting(wanted: ProductFilter, currency: str, *, staff: bool) -> Statement:
    """Facets over all that there is."""
    clauses = Clauses()
    return Statement(_found(clauses, wanted, "0", [], currency, staff=staff) + NO_PAGE, clauses.arguments)


def finding(
    query: Query, words: Understood, currency: str, size: int, position: Position | None, *, staff: bool
) -> Statement:
    """Facets over what has the words, and the rows of one page and one more."""
    clauses = Clauses()
    matches = clauses.put(MATCHES, words.query())
    score = clauses.put(
        SCORE,
        words.phrase,
        query.q.strip(),
        words.query("AB", exact=True),
        words.query("A", whole=True),
        words.query("A"),
        words.query("AB"),
    )
    found = _found(clauses, query.filter, score, [matches], currency, staff=staff)
    return Statement(found + _page(clauses, query.ordering, size, position), clauses.arguments)


def _found(
    clauses: Clauses, wanted: ProductFilter, score: str, matches: list[str], currency: str, *, staff: bool
) -> str:
    conditions = [*matches, *_flags(wanted, staff=staff)]
    failing = [
        f"case when {clauses.put(FILTERS[bit], *values)} then 0 else {bit} end"
        for bit, values in _filters(wanted, staff=staff)
    ]
    steps = clauses.put("(select {}::bigint[])::bigint[]", list(ladder(currency)))
    return FOUND.format(
        score=score, fails=" | ".join(failing) or "0", conditions=" and ".join(conditions), ladder=steps
    )


def _page(clauses: Clauses, ordering: SearchOrdering, size: int, position: Position | None) -> str:
    name = ordering.removeprefix("-")
    key = KNOWN.get(name, f"p.{name}")
    downwards = ordering == "relevance" or ordering.startswith("-")
    onwards = ""
    if position is not None:
        values = RESTORED[name](position.values[0]), UUID(position.values[1])
        onwards = clauses.put(f" and ({key}, f.product_id) {'<' if downwards else '>'} ({{}}, {{}})", *values)
    return PAGE.format(
        columns=COLUMNS,
        source="found f" if name in KNOWN else "found f join product p on p.id = f.product_id",
        way="desc" if downwards else "asc",
        onwards=onwards,
        key=key,
        limit=clauses.put("{}::int", size + 1),
        besides=BESIDES,
    )


def _flags(wanted: ProductFilter, *, staff: bool) -> Iterator[str]:
    """What is no facet."""
    yield "d.is_active" if wanted.is_active else "not d.is_active" if staff else "false"
    if wanted.is_featured is not None:
        yield "d.is_featured" if wanted.is_featured else "not d.is_featured"
    if wanted.is_on_sale is not None:
        yield "d.is_on_sale" if wanted.is_on_sale else "not d.is_on_sale"


def _filters(wanted: ProductFilter, *, staff: bool) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if wanted.category is not None:
        yield CATEGORY, (wanted.category, id_of(wanted.category) or NO_ID, staff)
    if wanted.min_price is not None or wanted.max_price is not None:
        low = 0 if wanted.min_price is None else wanted.min_price.amount
        yield PRICE, (low, HIGHEST if wanted.max_price is None else wanted.max_price.amount)
    if wanted.in_stock is not None:
        yield STOCK, (wanted.in_stock,)
    if wanted.tags:
        yield TAGS, (list(wanted.tags),)
    if wanted.attributes:
        yield ATTRIBUTES, (_alternatives(wanted.attributes),)


def _alternatives(attributes: tuple[tuple[str, tuple[str, ...]], ...]) -> list[str]:
    """Every set of attributes with which one of the variants would do, as JSON."""
    names = [name for name, _ in attributes]
    return [
        msgspec.json.encode([dict(zip(names, values, strict=True))]).decode()
        for values in combinations(*(values for _, values in attributes))
    ]
