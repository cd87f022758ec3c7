"""Makes things for tests: name what matters, the rest is made up."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.catalog import Product, ProductId
from domain.categories import Category, CategoryId
from domain.inventory import Shelf, Sku, StockItem
from domain.money import Money
from domain.variants import Variant, VariantId

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_numbers = count(1)


def new_id() -> UUID:
    return uuid7()


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def a_product(name: str = "Lamp", *, price: str = "19.99", at: datetime = NOW, **fields: Any) -> Product:
    """A product just created; slug and SKU follow from a running number unless they are given."""
    number = next(_numbers)
    told = {"slug": f"{name.lower()}-{number}", "sku": f"SKU-{number}", **fields}
    return Product.create(at=at, id=ProductId(new_id()), name=name, price=usd(price), **told)


def a_variant(name: str, sku: str, **fields: Any) -> Variant:
    return Variant(id=VariantId(new_id()), name=name, sku=sku, **fields)


def a_category(name: str, parent: Category | None = None, **fields: Any) -> Category:
    told = {"slug": name.lower(), "parent": parent.id if parent else None, **fields}
    return Category.create(at=NOW, id=CategoryId(new_id()), name=name, **told)


def a_shelf(**pieces: int) -> Shelf:
    """What was received of each SKU."""
    return Shelf({Sku(sku): StockItem.receive(Sku(sku), quantity, NOW) for sku, quantity in pieces.items()})
