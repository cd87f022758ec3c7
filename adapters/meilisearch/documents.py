"""What Meilisearch holds of a product, and how the index has to be set up for it."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from adapters.meilisearch.words import combined, spelt
from application.search.index import Document

SHAPE = 1  # of what is below. An index of another shape is not used; so raise it with every change here
MOST_TOGETHER = 3  # attributes of one variant that are indexed together
SORT_LENGTH = 200  # bytes of a name by which is sorted
EVERYTHING = 1_000_000

Shelved = Mapping[str, Any]  # a document as it is sent and comes back

SETTINGS: Mapping[str, Any] = {
    # In the order of their weight.
    "searchableAttributes": ["name", "skus", "tags", "category_names", "attribute_values", "description"],
    "filterableAttributes": [
        *("is_active", "in_stock", "is_featured", "is_on_sale", "price", "category", "tag_words"),
        *("attributes_1", "attributes_2", "attributes_3"),
    ],
    "sortableAttributes": ["id", "name_order", "price", "created_order", "popularity"],
    # An ordering that is asked for counts before anything else; without one "sort" does nothing.
    "rankingRules": [
        *("sort", "words", "typo", "proximity", "attributeRank", "wordPosition", "exactness"),
        *("popularity:desc", "created_order:desc"),
    ],
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 8},
        "disableOnAttributes": ["skus"],
        "disableOnNumbers": True,
    },
    "synonyms": {},
    "stopWords": [],
    "faceting": {"maxValuesPerFacet": EVERYTHING, "sortFacetValuesBy": {"*": "count"}},
    "pagination": {"maxTotalHits": EVERYTHING},
}


def shelved(document: Document) -> Shelved:
    """What can be filtered by is spelt in words of our own, and stands beside what can be read."""
    together = {size: sorted(_together(document.variants, size)) for size in range(2, MOST_TOGETHER + 1)}
    return {
        "id": str(document.id),
        "name": document.name,
        "skus": list(document.skus),
        "tags": list(document.tags),
        "category_names": list(document.category_names),
        "attribute_values": sorted({value for variant in document.variants for value in variant.values()}),
        "description": document.description,
        "is_active": document.is_active,
        "in_stock": document.in_stock,
        "is_featured": document.is_featured,
        "is_on_sale": document.is_on_sale,
        "price": document.price,
        "category": None if document.category is None else str(document.category),
        "tag_words": sorted(map(spelt, document.tags)),
        "attributes_1": sorted({attribute(*pair) for variant in document.variants for pair in variant.items()}),
        **{f"attributes_{size}": words for size, words in together.items()},
        "name_order": document.name.encode()[:SORT_LENGTH].hex(),
        "created_order": round(document.created_at.timestamp() * 1_000_000),
        "popularity": document.popularity,
    }


def attribute(name: str, value: str) -> str:
    return f"{spelt(name)}.{spelt(value)}"


def _together(variants: Iterable[Mapping[str, str]], size: int) -> set[str]:
    """A word for all attributes, so many at a time, that some variant has at once."""
    return {combined(some) for variant in variants for some in combinations(sorted(variant.items()), size)}
