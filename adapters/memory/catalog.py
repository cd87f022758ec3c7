"""Products and categories in memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy

from adapters.memory.tables import MemoryUnit
from application.ports import StaleWrite
from domain.catalog import Category, Product, ProductId, ProductNotFound, SkuTaken, SlugTaken


class MemoryProducts:
    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    async def get(self, id: ProductId) -> Product:
        found = await self.find([id])
        if id not in found:
            raise ProductNotFound
        return found[id]

    async def find(self, ids: Iterable[ProductId]) -> dict[ProductId, Product]:
        held = self._unit.tables.products
        return {wanted: _copy(held[wanted]) for wanted in ids if wanted in held}

    async def find_by_slugs(self, slugs: Iterable[str]) -> dict[str, Product]:
        wanted = set(slugs)
        return {one.slug: _copy(one) for one in self._unit.tables.products.values() if one.slug in wanted}

    async def taken_slugs(self, stem: str) -> set[str]:
        slugs = {product.slug for product in self._unit.tables.products.values()}
        return {slug for slug in slugs if slug == stem or slug.startswith(f"{stem}-")}

    async def owners(self, skus: Iterable[str]) -> dict[str, ProductId]:
        owned = self._owned()
        return {sku: owned[sku] for sku in skus if sku in owned}

    async def was_sold(self, id: ProductId) -> bool:
        return any(line.product == id for order in self._unit.tables.orders.values() for line in order.lines)

    async def save(self, products: Sequence[Product]) -> None:
        held = self._unit.tables.products
        for product in products:
            self._unit.guard(held.get(product.id), product)
            self._unit.publish(product, product.id)
            held[product.id] = _copy(product)
        self._check_unique(products)

    async def remove(self, product: Product) -> None:
        stored = self._unit.tables.products.get(product.id)
        if stored is None or stored.version != product.version:
            raise StaleWrite
        del self._unit.tables.products[product.id]

    def _owned(self) -> dict[str, ProductId]:
        return {sku: one.id for one in self._unit.tables.products.values() for sku in _skus(one)}

    def _check_unique(self, products: Sequence[Product]) -> None:
        """What UNIQUE constraints do: everything is written by now, and two of the same show."""
        held = self._unit.tables.products.values()
        if len({product.slug for product in held}) < len(held):
            raise SlugTaken
        holders = Counter(sku for product in held for sku in _skus(product))
        for product in products:
            for sku in _skus(product):
                if holders[sku] > 1:
                    raise SkuTaken(sku)


class MemoryCategories:
    """They publish no events, so their version counts the writes."""

    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    async def all(self) -> list[Category]:
        return [copy(category) for _, category in sorted(self._unit.tables.categories.items())]

    async def save(self, categories: Sequence[Category]) -> None:
        held = self._unit.tables.categories
        for category in categories:
            self._unit.guard(held.get(category.id), category)
            category.version += 1
            held[category.id] = copy(category)
        if len({category.slug for category in held.values()}) < len(held):
            raise SlugTaken


def _skus(product: Product) -> set[str]:
    """Every SKU that it holds. With variants, its own stays its own."""
    return {product.sku, *product.skus}


def _copy(product: Product) -> Product:
    """Its parts are frozen, so only the list of recorded events could be shared; a stored product has none."""
    twin = copy(product)
    twin.events = []
    return twin
