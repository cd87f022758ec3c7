"""What a product is found by, as the texts that one index holds: its category, its tags, its variants' attributes."""

from collections.abc import Iterable, Iterator
from itertools import chain

from domain.catalog import Product

CATEGORY = "category "  # the id follows


def facets_of(product: Product) -> list[str]:
    """All of one product, each once."""
    category = () if product.category is None else (f"{CATEGORY}{product.category}",)
    sold = (variant.attributes.items() for variant in product.variants if variant.is_active)
    attributes = (facet for pairs in sold for name, value in pairs for facet in attribute_facets(name, (value,)))
    return list(dict.fromkeys(chain(category, tag_facets(product.tags), attributes)))


def tag_facets(tags: Iterable[str]) -> Iterator[str]:
    return (f"tag {tag}" for tag in tags)


def attribute_facets(name: str, values: Iterable[str]) -> Iterator[str]:
    return (f"attribute {name}\x1f{value}" for value in values)
