"""The whole catalogue in memory at one moment: the tables that were committed last, which nobody changes any more."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass

from adapters.memory.tables import MemoryDatabase, Tables
from application.exporting.catalog import Stocked
from domain.catalog import Product
from domain.categories import Category
from domain.inventory import Sku


@dataclass(frozen=True, slots=True)
class MemorySnapshot:
    tables: Tables

    @property
    def total(self) -> int:
        return len(self._listed())

    @property
    def categories(self) -> Sequence[Category]:
        return deepcopy(sorted(self.tables.categories.values(), key=lambda one: one.id))

    async def products(self, at_once: int) -> AsyncIterator[Sequence[Stocked]]:
        listed = self._listed()
        for start in range(0, len(listed), at_once):
            yield [self._stocked(product) for product in listed[start : start + at_once]]

    def _listed(self) -> list[Product]:
        kept = (product for product in self.tables.products.values() if product.archived_at is None)
        return sorted(kept, key=lambda product: product.id)

    def _stocked(self, product: Product) -> Stocked:
        items = (self.tables.stock.get(Sku(sku)) for sku in product.skus)
        return Stocked(deepcopy(product), tuple(deepcopy(item) for item in items if item))


@dataclass(frozen=True, slots=True)
class MemorySnapshots:
    database: MemoryDatabase

    @asynccontextmanager
    async def take(self) -> AsyncIterator[MemorySnapshot]:
        yield MemorySnapshot(self.database.tables)
