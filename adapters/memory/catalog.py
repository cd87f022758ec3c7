"""Products and categories in memory, and the catalogue's views over them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from adapters.memory.tables import A, MemoryDatabase, MemoryUnit
from application.catalog.showing import (
    as_tree,
    category_views,
    item_of,
    named_category,
    page_of_categories,
    product_view,
)
from application.catalog.views import CategoryView, ProductItem, ProductView, Versioned
from application.catalog.wishes import ProductFilter, id_of
from application.paging import Cursors, paged
from application.ports import Page, PageRequest, StaleWrite
from domain.catalog import Product, ProductId, ProductNotFound
from domain.categories import Category, CategoryId
from domain.inventory import Shelf, Sku
from domain.slugs import SlugTaken
from domain.variants import SkuTaken, Variant


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
        return {wanted: _twin(held[wanted]) for wanted in ids if wanted in held}

    async def find_by_slugs(self, slugs: Iterable[str]) -> dict[str, Product]:
        wanted = set(slugs)
        return {one.slug: _twin(one) for one in self._unit.tables.products.values() if one.slug in wanted}

    async def take(self, ids: Iterable[ProductId]) -> dict[ProductId, Product]:
        """Transactions take turns here, so what is read is as good as locked."""
        return await self.find(ids)

    async def taken_slugs(self, stem: str) -> set[str]:
        slugs = {product.slug for product in self._unit.tables.products.values()}
        return {slug for slug in slugs if slug == stem or slug.startswith(f"{stem}-")}

    async def owners(self, skus: Iterable[str]) -> dict[str, ProductId]:
        owned = self._owned()
        return {sku: owned[sku] for sku in skus if sku in owned}

    async def sold(self, ids: Iterable[ProductId]) -> set[ProductId]:
        return {line.product for order in self._unit.tables.orders.values() for line in order.lines} & set(ids)

    async def count_by_category(self) -> dict[CategoryId, int]:
        return active_by_category(self._unit.tables.products.values())

    async def in_category(self, category: CategoryId, *, archived: bool) -> list[ProductId]:
        held = (one for one in self._unit.tables.products.values() if one.category == category)
        return sorted(one.id for one in held if (one.archived_at is not None) == archived)

    async def are_of_tax_class(self, tax_class: str) -> bool:
        return any(product.tax_class == tax_class for product in self._unit.tables.products.values())

    async def count_sales(self, pieces: Mapping[ProductId, int]) -> None:
        counted = self._unit.tables.popularity
        for product, sold in pieces.items():
            counted[product] = counted.get(product, 0) + sold

    async def save(self, products: Sequence[Product]) -> None:
        held = self._unit.tables.products
        for product in products:
            self._unit.guard(held.get(product.id), product)
            self._unit.publish(product, product.id)
            held[product.id] = _twin(product)
        self._check_unique(products)

    async def remove(self, products: Sequence[Product]) -> None:
        for product in products:
            self._unit.guard(self._unit.tables.products.get(product.id), product)
            self._unit.publish(product, product.id)
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
    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    async def all(self) -> list[Category]:
        return [_twin(category) for _, category in sorted(self._unit.tables.categories.items())]

    async def take(self) -> list[Category]:
        """Transactions take turns here, so what is read is as good as locked."""
        return await self.all()

    async def save(self, categories: Sequence[Category]) -> None:
        held = self._unit.tables.categories
        for category in categories:
            self._unit.guard(held.get(category.id), category)
            self._unit.publish(category, category.id)
            held[category.id] = _twin(category)
        if len({category.slug for category in held.values()}) < len(held):
            raise SlugTaken

    async def remove(self, category: Category) -> None:
        tables = self._unit.tables
        self._unit.guard(tables.categories.get(category.id), category)
        held = {one.parent for one in tables.categories.values()} | {one.category for one in tables.products.values()}
        if category.id in held:
            raise StaleWrite
        self._unit.publish(category, category.id)
        del tables.categories[category.id]


def _skus(product: Product) -> set[str]:
    """Every SKU that it holds. With variants, its own stays its own."""
    return {product.sku, *product.skus}


def active_by_category(products: Iterable[Product]) -> dict[CategoryId, int]:
    return Counter(product.category for product in products if product.is_active and product.category)


def _twin(stored: A) -> A:
    """Its parts are frozen, so only the list of recorded events could be shared; what is stored has none."""
    twin = copy(stored)
    twin.events = []
    return twin


class MemoryCatalogViews:
    def __init__(self, database: MemoryDatabase, cursors: Cursors) -> None:
        self._database = database
        self._cursors = cursors

    async def products(self, wanted: ProductFilter, page: PageRequest, *, staff: bool = False) -> Page[ProductItem]:
        order = f"products {wanted.ordering}"
        position = self._cursors.open(page.cursor, order) if page.cursor is not None else None
        name, downwards = wanted.ordering.removeprefix("-"), wanted.ordering.startswith("-")

        def key(product: Product) -> tuple[Any, UUID]:
            return self.key(name, product), product.id

        rows = sorted(self.matching(wanted, staff=staff), key=key, reverse=downwards)
        if position:
            value, at = position.values
            start = (datetime.fromisoformat(value) if name == "created_at" else value, UUID(at))
            onwards = position.way == "next"
            rows = [row for row in rows if (key(row) < start if downwards == onwards else key(row) > start)]
            rows = rows if onwards else rows[::-1]
        found = paged(rows[: page.size + 1], page.size, position, key, self._cursors, order)
        return Page([self.item(product) for product in found.results], found.next, found.previous)

    async def category_products(
        self, category: str, wanted: ProductFilter, page: PageRequest, *, staff: bool = False
    ) -> Page[ProductItem]:
        await self.category(category, staff=staff)
        return await self.products(replace(wanted, category=category), page, staff=staff)

    async def featured(self) -> list[ProductItem]:
        found = [one for one in self._database.tables.products.values() if one.is_active and one.is_featured]
        newest = sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)
        return [self.item(product) for product in newest[:10]]

    async def product(self, ref: str, *, staff: bool = False) -> Versioned[ProductView]:
        for product in self._database.tables.products.values():
            if (product.slug == ref or product.id == id_of(ref)) and (product.is_active or staff):
                return product_view(product, self.path(product.category), self._shelf(product), staff=staff)
        raise ProductNotFound

    async def categories(self, page: PageRequest, *, staff: bool = False) -> Page[CategoryView]:
        return page_of_categories([one.view for one in self._categories(staff=staff)], page, self._cursors)

    async def category_tree(self, *, staff: bool = False) -> list[CategoryView]:
        return as_tree([one.view for one in self._categories(staff=staff)])

    async def category(self, ref: str, *, staff: bool = False) -> Versioned[CategoryView]:
        return named_category(self._categories(staff=staff), ref)

    def _categories(self, *, staff: bool) -> list[Versioned[CategoryView]]:
        counts = active_by_category(self._database.tables.products.values())
        return category_views(list(self._database.tables.categories.values()), counts, staff=staff)

    def item(self, product: Product) -> ProductItem:
        category = self._database.tables.categories[product.category] if product.category else None
        return item_of(product, category, self._shelf(product))

    def _shelf(self, product: Product) -> Shelf:
        stock = self._database.tables.stock
        return Shelf({Sku(sku): stock[Sku(sku)] for sku in product.skus if sku in stock})

    def path(self, category: CategoryId | None) -> list[Category]:
        """From the topmost category to this one."""
        path: list[Category] = []
        while category:
            path.insert(0, self._database.tables.categories[category])
            category = path[0].parent
        return path

    def key(self, ordered_by: str, product: Product) -> Any:
        """What lists are ordered by, beside the id."""
        if ordered_by == "popularity":
            return self._database.tables.popularity.get(product.id, 0)
        return product.price.amount if ordered_by == "price" else getattr(product, ordered_by)

    def matching(self, wanted: ProductFilter, *, staff: bool) -> list[Product]:
        below = self._below(wanted.category, staff=staff) if wanted.category is not None else None
        return [
            product
            for product in self._database.tables.products.values()
            if product.is_active == wanted.is_active
            and (product.is_active or staff)
            and (below is None or product.category in below)
            and _matches(product, self.item(product), wanted)
        ]

    def _below(self, ref: str, *, staff: bool) -> set[CategoryId]:
        """The category and all below it, as far as they are active."""
        held = self._database.tables.categories
        found = {
            one.id for one in held.values() if (one.slug == ref or one.id == id_of(ref)) and (one.is_active or staff)
        }
        while more := {one.id for one in held.values() if one.parent in found and one.is_active} - found:
            found |= more
        return found


def _matches(product: Product, item: ProductItem, wanted: ProductFilter) -> bool:
    """All but category and activity."""
    return (
        (wanted.min_price is None or product.price.amount >= wanted.min_price.amount)
        and (wanted.max_price is None or product.price.amount <= wanted.max_price.amount)
        and wanted.in_stock in {None, item.in_stock}
        and wanted.is_featured in {None, item.is_featured}
        and wanted.is_on_sale in {None, item.is_on_sale}
        and set(wanted.tags) <= set(product.tags)
        and (not wanted.attributes or any(_has(variant, wanted.attributes) for variant in product.variants))
        and (not wanted.search or _mentions(product, wanted.search.lower()))
    )


def _has(variant: Variant, attributes: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
    return variant.is_active and all(variant.attributes.get(name) in values for name, values in attributes)


def _mentions(product: Product, text: str) -> bool:
    return any(text in told.lower() for told in (product.name, *_skus(product), *product.tags))
