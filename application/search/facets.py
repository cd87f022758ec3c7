"""Facets made of tallies, the same whatever machine counted."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from application.catalog.wishes import ProductFilter
from application.search.views import Facets, FacetValue, PriceFacet, PriceRange, StockCount
from domain.categories import Category, CategoryId
from domain.money import digits, written

LADDER = tuple(step * 10**power for power in range(1, 9) for step in (1.0, 2.5, 5.0))  # where price ranges begin

Variants = Sequence[Mapping[str, str]]


@dataclass(slots=True)
class Prices:
    """How many products are in one range, and between which prices."""

    count: int
    cheapest: int
    dearest: int


@dataclass(slots=True)
class Tallies:
    """How many products there are of what; each tally is of those that pass all filters but its own facet's.

    `attributes` tells apart products by what their active variants are, and counts those that pass all other filters.
    """

    categories: Counter[UUID] = field(default_factory=Counter)  # directly in it
    prices: dict[int, Prices] = field(default_factory=dict)  # by the range's place on the ladder
    in_stock: Counter[bool] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    attributes: list[tuple[Variants, int]] = field(default_factory=list)


@cache
def ladder(currency: str) -> tuple[int, ...]:
    """Where the price ranges begin, in minor units."""
    unit = 10 ** digits(currency)
    return (0, *(int(step * unit) for step in LADDER))


def price_range(price: int, currency: str) -> int:
    """The place on the ladder, from 1 on."""
    return bisect_right(ladder(currency), price)


def facets_of(
    tallies: Tallies, categories: Iterable[Category], wanted: ProductFilter, currency: str, *, staff: bool
) -> Facets:
    return Facets(
        category=_most_first(_category_values(list(categories), tallies.categories, staff=staff)),
        price=_price_facet(tallies.prices, currency),
        in_stock=[StockCount(value, tallies.in_stock[value]) for value in (True, False) if tallies.in_stock[value]],
        tags=_most_first(FacetValue(tag, tag, count) for tag, count in tallies.tags.items()),
        attributes=_attribute_values(tallies.attributes, dict(wanted.attributes)),
    )


def _category_values(categories: Sequence[Category], held: Mapping[UUID, int], *, staff: bool) -> list[FacetValue]:
    """What the filter by each category finds: those below count in as far as they are active."""
    below: dict[CategoryId, list[Category]] = {}
    for category in categories:
        if category.parent is not None and category.is_active:
            below.setdefault(category.parent, []).append(category)

    def count(id: CategoryId) -> int:
        return held.get(id, 0) + sum(count(child.id) for child in below.get(id, ()))

    shown = [category for category in categories if category.is_active or staff]
    counted = [FacetValue(category.slug, category.name, count(category.id)) for category in shown]
    return [value for value in counted if value.count]


def _price_facet(prices: Mapping[int, Prices], currency: str) -> PriceFacet:
    if not prices:
        return PriceFacet()
    steps = ladder(currency)
    return PriceFacet(
        written(min(each.cheapest for each in prices.values()), currency),
        written(max(each.dearest for each in prices.values()), currency),
        [
            PriceRange(
                written(steps[place - 1], currency),
                written(steps[place] - 1, currency) if place < len(steps) else None,
                prices[place].count,
            )
            for place in sorted(prices)
        ],
    )


def _attribute_values(
    held: Iterable[tuple[Variants, int]], wanted: Mapping[str, tuple[str, ...]]
) -> dict[str, list[FacetValue]]:
    """A variant has to meet the other attributes' filters with the value."""
    counts: dict[str, Counter[str]] = {}
    for variants, products in held:
        for name, value in {pair for one in variants for pair in _open_values(one, wanted)}:
            counts.setdefault(name, Counter())[value] += products
    return {
        name: _most_first(FacetValue(value, value, count) for value, count in counts[name].items())
        for name in sorted(counts)
    }


def _open_values(variant: Mapping[str, str], wanted: Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    missed = [name for name, values in wanted.items() if variant.get(name) not in values]
    return [pair for pair in variant.items() if not missed or missed == [pair[0]]]


def _most_first(values: Iterable[FacetValue]) -> list[FacetValue]:
    return sorted(values, key=lambda one: (-one.count, one.label, one.value))
