"""What answers are about. One is dropped when something that it is about changes in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from application.catalog.views import ProductView
from application.freshness import ANYTHING, CATALOG, CATEGORIES


@dataclass(frozen=True, slots=True)
class About:
    """What a hot route's answers are about, and whether processes share them."""

    topics: Callable[[Any], frozenset[str]]
    is_shared: bool = True


def _of_product(product: ProductView) -> frozenset[str]:
    return frozenset({CATEGORIES, str(product.id), product.sku, *(variant.sku for variant in product.variants)})


def _always(topic: str) -> Callable[[Any], frozenset[str]]:
    topics = frozenset({topic})
    return lambda _: topics


LIST = About(_always(CATALOG))  # how many pieces are left may be a second old in it
SEARCH = About(_always(ANYTHING))
PRODUCT = About(_of_product, is_shared=False)  # one of very many, and read as quickly as asked for elsewhere
