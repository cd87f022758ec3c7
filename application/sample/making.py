"""Turns wanted goods into the shop's products, stock and categories."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from application.ports import NewId
from application.sample.goods import Shelf
from application.sample.tree import ABOUT
from application.sample.wanted import Option, Wanted, money
from domain.catalog import Product, ProductId
from domain.categories import Category, CategoryId
from domain.images import Image, positioned
from domain.inventory import Sku, StockItem
from domain.money import Money
from domain.slugs import slugify
from domain.variants import Variant, VariantId


@dataclass(slots=True)
class Shelves:
    """The shop's categories by slug; those that the sample needs and that are missing are made."""

    new_id: NewId
    at: datetime
    known: dict[str, Category]
    made: list[Category] = field(default_factory=list)

    def place(self, shelf: Shelf) -> CategoryId:
        upper, lower = shelf
        return self._category(lower, self._category(upper, None))

    def _category(self, name: str, parent: CategoryId | None) -> CategoryId:
        slug = slugify(name)
        if slug not in self.known:
            fields = {"name": name, "slug": slug, "description": ABOUT[name], "parent": parent}
            category = Category.create(at=self.at, id=CategoryId(self.new_id()), **fields)
            self.known[slug] = category
            self.made.append(category)
        return self.known[slug].id


@dataclass(frozen=True, slots=True)
class Making:
    """What is the same for all goods of one batch. `addresses` says where each picture is served."""

    new_id: NewId
    at: datetime
    currency: str
    addresses: Mapping[str, str]

    def product(self, wanted: Wanted, category: CategoryId) -> Product:
        good = wanted.good
        return Product.create(
            at=self.at,
            id=ProductId(self.new_id()),
            name=good.name,
            slug=wanted.slug,
            sku=wanted.sku,
            price=money(good.price, self.currency),
            compare_at_price=self._optional(good.was),
            description=f"<p>{escape(good.text, quote=False)}</p>",
            category=category,
            tags=good.tags,
            is_featured=good.featured,
            track_inventory=good.tracked,
            meta_title=f"{good.name} | Tradepost",
            meta_description=good.text,
            images=self._images(wanted),
            variants=tuple(self._variant(option) for option in wanted.variants),
        )

    def stock(self, wanted: Wanted, product: Product) -> Iterator[StockItem]:
        if product.track_inventory:
            for sku, quantity in zip(wanted.skus, wanted.stock, strict=True):
                yield StockItem.receive(Sku(sku), quantity, self.at, low_stock_threshold=product.low_stock_threshold)

    def _images(self, wanted: Wanted) -> tuple[Image, ...]:
        return positioned(
            Image(id=self.new_id(), url=self.addresses[picture.key], alt_text=f"{wanted.good.name}, {picture.colour}")
            for picture in wanted.pictures
        )

    def _variant(self, option: Option) -> Variant:
        return Variant(
            id=VariantId(self.new_id()),
            name=" / ".join(option.attributes.values()),
            sku=option.sku,
            price=self._optional(option.price),
            compare_at_price=self._optional(option.was),
            attributes=option.attributes,
        )

    def _optional(self, hundredths: int | None) -> Money | None:
        return None if hundredths is None else money(hundredths, self.currency)
