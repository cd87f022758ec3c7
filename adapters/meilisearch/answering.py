"""What Meilisearch counted, as the shop's facets."""

from collections.abc import Iterable, Iterator, Mapping

from adapters.meilisearch.asking import Searched
from adapters.meilisearch.words import combined, read
from application.catalog.wishes import ProductFilter
from application.search.ranges import price_facet
from application.search.views import Facets, FacetValue, PriceFacet, StockCount


class Unreadable(Exception):
    """A value is too long for the index to give it back."""


Counts = Mapping[str, int]


def facets_of(wanted: ProductFilter, currency: str, page: Searched, apart: Mapping[str, Searched]) -> Facets:
    """`apart` are the answers to the facets with a filter of their own. Raises Unreadable."""

    def counted(facet: str, field: str) -> Counts:
        return apart.get(facet, page).facet_distribution.get(field, {})

    return Facets(
        category=_categories(counted("category", "category_labels")),
        price=_price(counted("price", "price"), currency),
        in_stock=_stock(counted("in_stock", "in_stock")),
        tags=_ordered(FacetValue(tag, tag, count) for tag, count in _read(counted("tags", "tag_words"))),
        attributes=_attributes(dict(wanted.attributes), apart.get("attributes", page).facet_distribution),
    )


def _categories(counts: Counts) -> list[FacetValue]:
    return _ordered(FacetValue(*_both(word), count) for word, count in counts.items())


def _price(counts: Counts, currency: str) -> PriceFacet:
    """Meilisearch writes numbers as it likes: "1999", "1999.0"."""
    return price_facet({round(float(price)): count for price, count in counts.items()}, currency)


def _stock(counts: Counts) -> list[StockCount]:
    values = [StockCount(value, counts.get(word, 0)) for word, value in (("true", True), ("false", False))]
    return sorted((value for value in values if value.count), key=lambda value: -value.count)


def _attributes(wanted: Mapping[str, tuple[str, ...]], found: Mapping[str, Counts]) -> dict[str, list[FacetValue]]:
    """Each name counts together with what is wanted of the others."""
    told = {name: values[0] for name, values in wanted.items()}
    names: dict[str, list[FacetValue]] = {}
    for word in found.get("attributes_1", {}):
        name, value = _both(word)
        together = {**told, name: value}
        counts = found.get(f"attributes_{len(together)}", {})
        count = counts.get(word if len(together) == 1 else combined(together.items()), 0)
        if count:
            names.setdefault(name, []).append(FacetValue(value, value, count))
    return {name: _ordered(names[name]) for name in sorted(names)}


def _ordered(values: Iterable[FacetValue]) -> list[FacetValue]:
    """Most first, then by label."""
    return sorted(values, key=lambda value: (-value.count, value.label, value.value))


def _read(counts: Counts) -> Iterator[tuple[str, int]]:
    return ((_text(word), count) for word, count in counts.items())


def _both(word: str) -> tuple[str, str]:
    value, _, label = word.partition(".")
    return _text(value), _text(label)


def _text(word: str) -> str:
    if (text := read(word)) is None:
        raise Unreadable(word)
    return text
