"""Prices in ranges that a customer can choose from: few, and with round ends."""

from collections.abc import Mapping
from itertools import count

from application.search.views import PriceFacet, PriceRange
from domain.money import written

MOST_RANGES = 6
ROUND = (1, 2, 5)


def price_facet(counts: Mapping[int, int], currency: str) -> PriceFacet:
    """Of how many products have which price, in minor units."""
    if not counts:
        return PriceFacet()
    least, most = min(counts), max(counts)
    step = range_step(least, most)
    held: dict[int, int] = {}
    for price, products in counts.items():
        held[price // step] = held.get(price // step, 0) + products
    dearest = most // step
    ranges = [
        PriceRange(
            written(place * step, currency),
            None if place == dearest else written((place + 1) * step - 1, currency),
            held[place],
        )
        for place in sorted(held)
    ]
    return PriceFacet(written(least, currency), written(most, currency), ranges)


def range_step(least: int, most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … by which there are no more than MOST_RANGES."""
    steps = (digit * int(10**power) for power in count() for digit in ROUND)
    return next(step for step in steps if most // step - least // step < MOST_RANGES)
