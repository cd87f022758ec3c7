"""A catalogue of documents alone, for tests of what an index makes of them."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from adapters.meilisearch.client import MeilisearchClient
from adapters.meilisearch.index import MeilisearchIndex
from adapters.meilisearch.shelf import Shelves
from adapters.memory.store import MemoryStore
from adapters.memory.tables import MemoryDatabase
from application.catalog.showing import product_item
from application.catalog.views import ProductItem
from application.paging import Cursors
from application.ports import Currency
from application.search.index import Document
from domain.catalog import ProductId
from domain.categories import CategoryTree
from tests.builders import NOW, a_category, new_id

CURSORS = Cursors("a secret key for tests, long enough")


HOME = a_category("Home")
LAMPS = a_category("Lamps", HOME)
CATEGORIES = CategoryTree.of([HOME, LAMPS, a_category("Garden"), a_category("Attic", HOME, is_active=False)])
CATEGORY = {category.slug: category for category in CATEGORIES.values()}


@dataclass
class Shelf:
    """`Documents` that a test writes by itself. `before_reading` plays what others do meanwhile."""

    held: dict[ProductId, Document] = field(default_factory=dict)
    before_reading: Callable[[], None] = lambda: None

    def put(self, *documents: Document) -> None:
        self.held |= {document.id: document for document in documents}

    async def of(self, products: Sequence[ProductId]) -> Sequence[Document]:
        self.before_reading()
        return [self.held[key] for key in products if key in self.held]

    async def after(self, product: ProductId | None, limit: int) -> Sequence[Document]:
        keys = sorted(key for key in self.held if product is None or key > product)
        return [self.held[key] for key in keys[:limit]]

    async def count(self) -> int:
        return len(self.held)

    async def items(self, products: Sequence[ProductId]) -> dict[ProductId, ProductItem]:
        return {key: item_of(self.held[key]) for key in products if key in self.held}


def a_document(name: str, **told: Any) -> Document:
    """Named fields, and a thing like any other for the rest."""
    shelves = CATEGORIES.path(CATEGORY[told.pop("in_")].id) if "in_" in told else []
    slug = name.lower().replace(" ", "-")
    plain: Mapping[str, Any] = {
        "id": ProductId(new_id()),
        "description": "",
        "skus": [slug.upper()],
        "tags": [],
        "category": shelves[-1].id if shelves else None,
        "category_names": [shelf.name for shelf in shelves],
        "variants": [],
        "price": 1999,
        "in_stock": True,
        "is_active": True,
        "is_featured": False,
        "is_on_sale": False,
        "popularity": 0,
        "created_at": NOW + timedelta(minutes=len(name)),
    }
    return Document(name=name, **{**plain, **told})


def item_of(document: Document) -> ProductItem:
    return product_item(
        document.id,
        document.name,
        document.name.lower().replace(" ", "-"),
        document.price,
        None,
        "USD",
        f"/media/{document.name}.webp",
        None,
        None,
        None,
        int(document.in_stock),
        True,
        0,
        document.is_active,
        document.is_featured,
        len(document.variants),
        None,
        0,
    )


async def an_index(client: MeilisearchClient, shelf: Shelf, name: str = "test") -> MeilisearchIndex:
    store = MemoryStore(MemoryDatabase(new_id, lambda _: None))
    async with store.transaction() as tx:
        await tx.categories.save([copy(category) for category in CATEGORIES.values()])
    return MeilisearchIndex(client, Shelves(client, name), shelf, store, CURSORS, Currency("USD"))
