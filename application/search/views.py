"""What a search shows: products, best match first, and how many there are of what."""

from collections.abc import Mapping, Sequence

import msgspec

from application.catalog.views import ProductItem


class FacetValue(msgspec.Struct, frozen=True):
    """`value` is what the list's filter takes."""

    value: str
    label: str
    count: int


class StockCount(msgspec.Struct, frozen=True):
    value: bool
    count: int


class PriceRange(msgspec.Struct, frozen=True):
    """Both ends are in it; the dearest range has no upper end."""

    min: str
    max: str | None
    count: int


class PriceFacet(msgspec.Struct, frozen=True):
    """The cheapest and the dearest price found, and the ranges that hold anything."""

    min: str | None = None
    max: str | None = None
    ranges: Sequence[PriceRange] = ()


class Facets(msgspec.Struct, frozen=True):
    """Each counts what the list would return with that value added, ignoring the facet's own filter.

    Most first; what nothing has is not listed. Of attributes, each name is a facet of its own.
    """

    category: Sequence[FacetValue] = ()
    price: PriceFacet = PriceFacet()
    in_stock: Sequence[StockCount] = ()
    tags: Sequence[FacetValue] = ()
    attributes: Mapping[str, Sequence[FacetValue]] = msgspec.field(default_factory=dict)


class Asked(msgspec.Struct, frozen=True):
    """What was looked for, and what was understood instead where nothing was found by the words as typed."""

    q: str
    corrected: str | None


class SearchPage(msgspec.Struct, frozen=True):
    """One page of a search. `next` is a cursor; the edge makes a reference of it."""

    results: Sequence[ProductItem]
    next: str | None
    facets: Facets
    query: Asked
    took_ms: int


class Suggestion(msgspec.Struct, frozen=True):
    name: str
    slug: str
    primary_image: str | None
