"""The catalogue in memory as documents."""

from collections.abc import Sequence

from adapters.memory.catalog import MemoryCatalogViews
from adapters.memory.tables import MemoryDatabase
from application.catalog.views import ProductItem
from application.search.documents import document_of
from application.search.index import Document
from domain.catalog import Product, ProductId


class MemoryDocuments:
    def __init__(self, database: MemoryDatabase, views: MemoryCatalogViews) -> None:
        self._database = database
        self._views = views

    async def of(self, products: Sequence[ProductId]) -> Sequence[Document]:
        return [self._document(product) for product in self._held(products)]

    async def after(self, product: ProductId | None, limit: int) -> Sequence[Document]:
        ids = sorted(key for key in self._database.tables.products if product is None or key > product)
        return await self.of(ids[:limit])

    async def count(self) -> int:
        return len(self._database.tables.products)

    async def items(self, products: Sequence[ProductId]) -> dict[ProductId, ProductItem]:
        return {product.id: self._views.item(product) for product in self._held(products)}

    def _held(self, products: Sequence[ProductId]) -> list[Product]:
        held = self._database.tables.products
        return [held[key] for key in sorted(set(products)) if key in held]

    def _document(self, product: Product) -> Document:
        return document_of(
            product,
            [category.name for category in self._views.path(product.category)],
            in_stock=self._views.item(product).in_stock,
            popularity=self._views.key("popularity", product),
        )
