"""Facets by brute force: each value put into the filter in place of the facet's own, and the documents counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product as combinations
from typing import Any

from application.catalog.wishes import ProductFilter
from application.search.index import Document
from application.search.views import Facets
from domain.money import Money
from tests.meilisearch.shop import CATEGORIES, a_document


def variants() -> list[dict[str, str]]:
    return [
        {"Color": color, "Size": size, "Fit": "Slim"} for color, size in (("Red", "S"), ("Red", "M"), ("Blue", "M"))
    ]


def many() -> list[Document]:
    """Everything that facets tell apart, in every combination."""
    shelves: list[dict[str, str]] = [{}, {"in_": "home"}, {"in_": "lamps"}, {"in_": "garden"}, {"in_": "attic"}]
    labels = [[], ["new"], ["new", 'a "quoted" \\ tag']]
    worn = [[], variants()[:1], variants()[1:], [*variants(), {"Color": "Red"}]]
    return [
        a_document(
            f"Thing {n}",
            **shelf,
            tags=tags,
            variants=attributes,
            in_stock=n % 3 > 0,
            is_featured=n % 5 == 0,
            is_on_sale=n % 4 == 0,
            is_active=n % 7 > 0,
            price=(n * 37) % 11 * 100 + 99,
        )
        for n, (shelf, tags, attributes) in enumerate(combinations(shelves, labels, worn))
    ]


def fits(document: Document, wanted: ProductFilter) -> bool:
    """What the list would say."""
    attributes = {name: values[0] for name, values in wanted.attributes}
    return (
        document.is_active
        and (wanted.category is None or wanted.category in found_in(document))
        and (wanted.in_stock is None or document.in_stock == wanted.in_stock)
        and (wanted.is_featured is None or document.is_featured == wanted.is_featured)
        and (wanted.min_price is None or document.price >= wanted.min_price.amount)
        and (wanted.max_price is None or document.price <= wanted.max_price.amount)
        and set(wanted.tags) <= set(document.tags)
        and (not attributes or any(attributes.items() <= each.items() for each in document.variants))
    )


def found_in(document: Document) -> list[str]:
    """The attic is not active."""
    path = [category.slug for category in CATEGORIES.path(document.category)]
    return [] if "attic" in path else path


def counted(documents: Sequence[Document], wanted: ProductFilter) -> Mapping[str, Any]:
    """Every value that any document has, added to the filter in place of the facet's own, and the list counted."""

    def count(**instead: Any) -> int:
        return sum(fits(document, replace(wanted, **instead)) for document in documents)

    slugs = {slug for document in documents for slug in found_in(document)}
    tags = {tag for document in documents for tag in document.tags}
    pairs = {pair for document in documents for variant in document.variants for pair in variant.items()}
    mine = dict(wanted.attributes)
    return {
        "category": {slug: count(category=slug) for slug in slugs},
        "in_stock": {flag: count(in_stock=flag) for flag in (True, False)},
        "tags": {tag: count(tags=(tag,)) for tag in tags},
        "attributes": {
            (name, value): count(attributes=tuple({**mine, name: (value,)}.items())) for name, value in pairs
        },
        "price": Counter(
            document.price for document in documents if fits(document, replace(wanted, min_price=None, max_price=None))
        ),
    }


def some(wanted: Mapping[Any, int]) -> dict[Any, int]:
    return {value: count for value, count in wanted.items() if count}


FILTERS = [
    ProductFilter(
        category=category, in_stock=in_stock, tags=tags, attributes=attributes, min_price=least, is_featured=f
    )
    for category, in_stock, tags, attributes, (least, f) in combinations(
        (None, "home", "lamps"),
        (None, True),
        ((), ("new",), ("new", 'a "quoted" \\ tag')),
        ((), (("Color", ("Red",)),), (("Color", ("Red",)), ("Size", ("M",))), (("Fit", ("Slim",)),)),
        ((None, None), (Money(400, "USD"), None), (None, True)),
    )
]


def check_facets(facets: Facets, documents: Sequence[Document], wanted: ProductFilter) -> None:
    truth = counted(documents, wanted)
    assert {value.value: value.count for value in facets.category} == some(truth["category"]), wanted
    assert {value.value: value.count for value in facets.in_stock} == some(truth["in_stock"]), wanted
    assert {value.value: value.count for value in facets.tags} == some(truth["tags"]), wanted
    attributes = {(name, each.value): each.count for name, values in facets.attributes.items() for each in values}
    assert attributes == some(truth["attributes"]), wanted
    prices = truth["price"]
    assert sum(each.count for each in facets.price.ranges) == sum(prices.values()), wanted
    ends = (str(Money(min(prices), "USD")), str(Money(max(prices), "USD"))) if prices else (None, None)
    assert (facets.price.min, facets.price.max) == ends, wanted
