"""What Meilisearch counted, as the shop's facets."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

import msgspec

from adapters.meilisearch.asking import Searched
from adapters.meilisearch.words import combined, read
from application.catalog.wishes import ProductFilter
from application.search.facets import Prices, Tallies, facets_of, price_range
from application.search.views import Facets, FacetValue
from domain.categories import Category

Counts = Mapping[str, int]


class Unreadable(Exception):
    """A value is too long for the index to give it back."""


def counted(
    wanted: ProductFilter,
    currency: str,
    categories: Iterable[Category],
    page: Searched,
    apart: Mapping[str, Searched],
    *,
    staff: bool,
) -> Facets:
    """`apart` are the answers to the facets with a filter of their own. Raises Unreadable."""

    def counts(facet: str, field: str) -> Counts:
        return apart.get(facet, page).facet_distribution.get(field, {})

    tallies = Tallies(
        categories=Counter({UUID(word): count for word, count in counts("category", "category").items()}),
        prices=_prices(counts("price", "price"), currency),
        in_stock=Counter({word == "true": count for word, count in counts("in_stock", "in_stock").items()}),
        tags=Counter({_text(word): count for word, count in counts("tags", "tag_words").items()}),
    )
    facets = facets_of(tallies, categories, wanted, currency, staff=staff)
    attributes = _attributes(dict(wanted.attributes), apart.get("attributes", page).facet_distribution)
    return msgspec.structs.replace(facets, attributes=attributes)


def _prices(counts: Counts, currency: str) -> dict[int, Prices]:
    """Meilisearch writes numbers as it likes: "1999", "1999.0"."""
    ranges: dict[int, Prices] = {}
    for word, count in counts.items():
        price = round(float(word))
        held = ranges.setdefault(price_range(price, currency), Prices(0, price, price))
        held.count += count
        held.cheapest, held.dearest = min(held.cheapest, price), max(held.dearest, price)
    return ranges


def _attributes(wanted: Mapping[str, tuple[str, ...]], found: Mapping[str, Counts]) -> dict[str, list[FacetValue]]:
    """Each name counts together with what is wanted of the others."""
    told = {name: values[0] for name, values in wanted.items()}
    names: dict[str, list[FacetValue]] = {}
    for name, value, alone in _pairs(found.get("attributes_1", {})):
        together = {**told, name: value}
        counts = found.get(f"attributes_{len(together)}", {})
        if count := alone if len(together) == 1 else counts.get(combined(together.items()), 0):
            names.setdefault(name, []).append(FacetValue(value, value, count))
    return {name: sorted(names[name], key=lambda one: (-one.count, one.label)) for name in sorted(names)}


def _pairs(counts: Counts) -> Iterator[tuple[str, str, int]]:
    for word, count in counts.items():
        name, _, value = word.partition(".")
        yield _text(name), _text(value), count


def _text(word: str) -> str:
    if (text := read(word)) is None:
        raise Unreadable(word)
    return text
