"""What the statement behind a search counted, as tallies."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from adapters.postgres.search.finding import ATTRIBUTES, CATEGORY, PRICE, STOCK, TAGS
from application.search.facets import Prices, Tallies

# By what `grouping` says of a row: the filter that its facet ignores.
FACETS = {15: CATEGORY, 23: PRICE, 27: STOCK, 29: TAGS, 30: ATTRIBUTES}

Counted = tuple[int, int, int, int, int, Any]  # facet, failed filters, products, cheapest, dearest, what of

decode = msgspec.json.Decoder(list[Counted]).decode


def tallies_of(rows: Iterable[Counted]) -> Tallies:
    tallies = Tallies()
    for facet, fails, products, cheapest, dearest, value in rows:
        ignored = FACETS[facet]
        if fails not in {0, ignored}:
            continue
        if ignored == CATEGORY and value is not None:
            tallies.categories[UUID(value)] += products
        elif ignored == PRICE:
            held = tallies.prices.setdefault(value, Prices(0, cheapest, dearest))
            held.count += products
            held.cheapest, held.dearest = min(held.cheapest, cheapest), max(held.dearest, dearest)
        elif ignored == STOCK:
            tallies.in_stock[value] += products
        elif ignored == TAGS:
            tallies.tags.update(dict.fromkeys(value, products))
        elif ignored == ATTRIBUTES:
            tallies.attributes.append((value, products))
    return tallies
