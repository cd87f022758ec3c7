"""A search in Meilisearch's terms: one query for the page, and one for each facet that ignores a filter of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from adapters.meilisearch.documents import MOST_TOGETHER, attribute
from adapters.meilisearch.words import combined, one_of, spelt
from application.catalog.wishes import ProductFilter, id_of
from application.search.index import Query
from domain.categories import Category, CategoryId, CategoryTree

Filters = Mapping[str, Sequence[str]]  # what has to hold, by the facet that ignores it; "" is ignored by none

SORTS = {"price": "price", "name": "name_order", "created_at": "created_order", "popularity": "popularity"}
NONE = "none"  # no category's id
FACETS: Mapping[str, Sequence[str]] = {
    "category": ["category"],
    "price": ["price"],
    "in_stock": ["in_stock"],
    "tags": ["tag_words"],
    "attributes": ["attributes_1"],
}


class Searched(msgspec.Struct, rename="camel"):
    """An answer to one query."""

    hits: list[dict[str, str]]
    facet_distribution: dict[str, dict[str, int]] = {}


def answerable(query: Query) -> bool:
    """Whether the documents say enough: which attributes one variant has together, they tell of three at a time, and of
    one value each.
    """
    wanted = query.filter.attributes
    return len(wanted) < MOST_TOGETHER and all(len(values) == 1 for _, values in wanted)


def categories_of(wanted: ProductFilter, categories: Iterable[Category], *, staff: bool) -> set[CategoryId] | None:
    """Those whose products pass the filter by category: the one that it names, and what is active below it."""
    if wanted.category is None:
        return None
    tree = CategoryTree.of(categories)
    named = [one for one in tree.values() if wanted.category == one.slug or id_of(wanted.category) == one.id]
    found, row = set[CategoryId](), {one.id for one in named if one.is_active or staff}
    while row := row - found:
        found |= row
        row = {child.id for above in row for child in tree.children(above) if child.is_active}
    return found


def filters_of(wanted: ProductFilter, categories: set[CategoryId] | None, *, staff: bool) -> Filters:
    told = {facet: clauses for facet, clauses in _filters(wanted, categories) if clauses}
    return told if staff else {**told, "": [*told[""], _flag("is_active", True)]}


def _filters(wanted: ProductFilter, categories: set[CategoryId] | None) -> Iterator[tuple[str, list[str]]]:
    flags = {"is_active": wanted.is_active, "is_featured": wanted.is_featured, "is_on_sale": wanted.is_on_sale}
    yield "", [_flag(name, value) for name, value in flags.items() if value is not None]
    yield "in_stock", [] if wanted.in_stock is None else [_flag("in_stock", wanted.in_stock)]
    yield "category", [] if categories is None else [one_of("category", sorted(map(str, categories)) or [NONE])]
    least, most = wanted.min_price, wanted.max_price
    yield (
        "price",
        [
            *([] if least is None else [f"price >= {least.amount}"]),
            *([] if most is None else [f"price <= {most.amount}"]),
        ],
    )
    yield "tags", [one_of("tag_words", [spelt(tag)]) for tag in wanted.tags]
    yield "attributes", _attributes({name: values[0] for name, values in wanted.attributes})


def _attributes(wanted: Mapping[str, str]) -> list[str]:
    if not wanted:
        return []
    words = [attribute(*pair) for pair in wanted.items()] if len(wanted) == 1 else [combined(wanted.items())]
    return [one_of(f"attributes_{len(wanted)}", words)]


def _flag(name: str, value: bool) -> str:
    return f"{name} = {'true' if value else 'false'}"


def page_query(query: Query, filters: Filters, offset: int, size: int) -> dict[str, Any]:
    """The page and one more, and the facets that have no filter of their own."""
    asked = {
        **_asked(query, filters, ""),
        "facets": [field for facet, fields in FACETS.items() if facet not in filters for field in fields],
        "attributesToRetrieve": ["id"],
        "offset": offset,
        "limit": size + 1,
    }
    return asked | ({"sort": order} if (order := _sort(query)) else {})


def facet_queries(query: Query, filters: Filters) -> dict[str, dict[str, Any]]:
    """By facet: what counts it without its own filter."""
    return {
        facet: {**_asked(query, filters, facet), "facets": _fields(facet, query.filter), "limit": 0}
        for facet in FACETS
        if facet in filters
    }


def _fields(facet: str, wanted: ProductFilter) -> list[str]:
    """Of attributes also those counted together with the ones that are asked for."""
    sizes = range(2, len(wanted.attributes) + 2) if facet == "attributes" else ()
    return [*FACETS[facet], *(f"attributes_{size}" for size in sizes)]


def _asked(query: Query, filters: Filters, ignored: str) -> dict[str, Any]:
    return {
        "q": query.q,
        "filter": [
            clause for facet, clauses in filters.items() if not ignored or facet != ignored for clause in clauses
        ],
        "matchingStrategy": "all",
    }


def _sort(query: Query) -> list[str]:
    """Without words what sells best comes first: there is no match to be better."""
    if query.ordering == "relevance":
        return [] if query.q else ["popularity:desc", "created_order:desc", "id:desc"]
    way = "desc" if query.ordering.startswith("-") else "asc"
    return [f"{SORTS[query.ordering.removeprefix('-')]}:{way}", f"id:{way}"]
