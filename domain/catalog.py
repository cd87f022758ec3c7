"""The catalogue: products with variants and images, in a tree of categories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NewType, Protocol, Self
from uuid import UUID

from domain.aggregate import Aggregate, Event, differing
from domain.categories import CategoryId
from domain.errors import Conflict, InvalidField, NotFound
from domain.images import Image, image_of, with_changed, with_image, without_image
from domain.money import Money, highest
from domain.variants import (
    MAX_VARIANTS,
    Variant,
    VariantId,
    VariantRequired,
    options_of,
    variant_of,
    with_changed_variant,
    with_variant,
)

ProductId = NewType("ProductId", UUID)

STANDARD = "standard"  # the tax class of what is said to be of no other


class ProductNotFound(NotFound):
    code = "product-not-found"


class PriceTooHigh(Conflict):
    """More than the shop can ask for anything."""

    code = "price-too-high"


class ProductUnavailable(Conflict):
    """It is in the catalogue no longer, so it cannot be bought."""

    code = "product-unavailable"


class Change(StrEnum):
    """What happened to a product, as far as readers of the catalogue care."""

    CREATED = "created"
    CHANGED = "changed"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(Event):
    product: ProductId
    change: Change
    fields: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict, compare=False)
    after: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAdded(Event):
    """A picture was uploaded; its thumbnails are still to be made."""

    product: ProductId
    image: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesRemoved(Event):
    """The product shows no longer what is at these addresses."""

    product: ProductId
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A product or one of its variants as a buyer gets it now: the snapshot that cart and order are made of."""

    product: ProductId
    variant: VariantId | None
    product_name: str
    product_slug: str
    variant_name: str
    sku: str
    price: Money
    image: str | None
    on_sale: bool  # in the catalogue and active
    tracked: bool  # stock is counted
    weight: int = 0  # grams
    tax_class: str = STANDARD


@dataclass(slots=True, eq=False, kw_only=True)
class Product(Aggregate):
    """What the shop sells. With variants, those are what is bought and stocked."""

    id: ProductId
    name: str
    slug: str
    sku: str
    price: Money
    created_at: datetime
    updated_at: datetime
    description: str = ""
    compare_at_price: Money | None = None
    cost_per_item: Money | None = None
    category: CategoryId | None = None
    tags: tuple[str, ...] = ()
    is_active: bool = True
    is_featured: bool = False
    track_inventory: bool = True
    low_stock_threshold: int = 5
    meta_title: str = ""
    meta_description: str = ""
    images: tuple[Image, ...] = ()
    variants: tuple[Variant, ...] = ()
    archived_at: datetime | None = None
    rating_average: float | None = None
    rating_count: int = 0
    weight: int = 0  # grams, of one piece
    tax_class: str = STANDARD

    @classmethod
    def create(cls, *, at: datetime, **fields: Any) -> Self:
        """Raises InvalidField for fields that contradict each other."""
        product = cls(created_at=at, updated_at=at, **fields)
        product._check()
        product.record(ProductChanged(product=product.id, change=Change.CREATED, after=product._labels, at=at))
        return product

    def change(self, at: datetime, **fields: Any) -> None:
        """Change the named fields. Nothing is recorded where nothing differs."""
        named = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if not named:
            return
        shown, told = self._urls, differing({name: getattr(self, name) for name in named}, named)
        for name, value in named.items():
            setattr(self, name, value)
        self._check()
        self.updated_at = at
        names = tuple(sorted(named))
        self.record(ProductChanged(product=self.id, change=Change.CHANGED, fields=names, at=at, **told))
        self._tell_of_removed(shown, at)

    def add_variant(self, variant: Variant, at: datetime) -> None:
        """At the end. Raises TooManyVariants or SkuTaken."""
        self.change(at, variants=with_variant(self.variants, variant))

    def change_variant(self, id: VariantId, at: datetime, **fields: Any) -> None:
        """Change the named fields of a variant. Raises VariantNotFound or SkuTaken."""
        self.change(at, variants=with_changed_variant(self.variants, replace(self.variant(id), **fields)))

    def remove_variant(self, id: VariantId, at: datetime) -> None:
        """After the last one, the product itself is what is sold. Raises VariantNotFound."""
        gone = self.variant(id)
        self.change(at, variants=tuple(variant for variant in self.variants if variant is not gone))

    def adjust_price(self, percent: Decimal, at: datetime) -> None:
        """So many per cent more or less, for variants with a price of their own too. Raises PriceTooHigh."""
        variants = (
            variant if variant.price is None else replace(variant, price=_adjusted(variant.price, percent))
            for variant in self.variants
        )
        self.change(at, price=_adjusted(self.price, percent), variants=tuple(variants))

    def add_image(self, image: Image, at: datetime) -> None:
        """An uploaded picture, at the end. Raises TooManyImages."""
        self.change(at, images=with_image(self.images, image))
        self.record(ImageAdded(product=self.id, image=image.id, at=at))

    def change_image(self, id: UUID, at: datetime, **fields: Any) -> None:
        """Change the named fields of a picture; those around it follow. Raises ImageNotFound."""
        self.change(at, images=with_changed(self.images, replace(image_of(self.images, id), **fields)))

    def remove_image(self, id: UUID, at: datetime) -> None:
        """Raises ImageNotFound."""
        self.change(at, images=without_image(self.images, id))

    def discard(self, at: datetime) -> None:
        """It is about to be gone whole, and its pictures with it."""
        shown, self.images = self._urls, ()
        self._tell_of_removed(shown, at)

    def archive(self, at: datetime) -> None:
        """Take it out of the shop for good; orders that hold it keep their snapshots."""
        if self.archived_at is None:
            self.is_active, self.archived_at, self.updated_at = False, at, at
            self.record(ProductChanged(product=self.id, change=Change.ARCHIVED, before=self._labels, at=at))

    @property
    def stocked(self) -> dict[VariantId | None, str]:
        """The SKUs under which it is stocked: the variants', or its own where it has none."""
        return {variant.id: variant.sku for variant in self.variants} or {None: self.sku}

    @property
    def skus(self) -> tuple[str, ...]:
        return tuple(self.stocked.values())

    def variant(self, id: VariantId) -> Variant:
        """Raises VariantNotFound."""
        return variant_of(self.variants, id)

    @property
    def options(self) -> dict[str, list[str]]:
        """The attributes in which the variants differ, with their values in order of appearance."""
        return options_of(self.variants)

    @property
    def primary_image(self) -> str | None:
        first = min(self.images, key=lambda image: (not image.is_primary, image.position), default=None)
        return first.url if first else None

    def offer(self, variant: VariantId | None) -> Offer:
        """What a buyer gets. Raises VariantRequired, or VariantNotFound."""
        if variant is None and self.variants:
            raise VariantRequired
        chosen = None if variant is None else self.variant(variant)
        return Offer(
            product=self.id,
            variant=variant,
            product_name=self.name,
            product_slug=self.slug,
            variant_name=chosen.name if chosen else "",
            sku=chosen.sku if chosen else self.sku,
            price=chosen.price if chosen and chosen.price is not None else self.price,
            image=self.primary_image,
            on_sale=self.is_active and self.archived_at is None and (chosen is None or chosen.is_active),
            tracked=self.track_inventory,
            weight=chosen.weight if chosen and chosen.weight is not None else self.weight,
            tax_class=self.tax_class,
        )

    @property
    def _labels(self) -> dict[str, Any]:
        """What it is known by."""
        return {"name": self.name, "slug": self.slug, "sku": self.sku, "price": self.price}

    @property
    def _urls(self) -> dict[str, None]:
        return dict.fromkeys(url for image in self.images for url in image.urls)

    def _tell_of_removed(self, shown: Iterable[str], at: datetime) -> None:
        still = self._urls
        if lost := tuple(url for url in shown if url not in still):
            self.record(ImagesRemoved(product=self.id, urls=lost, at=at))

    def _check(self) -> None:
        if not self.name.strip():
            raise InvalidField("/name", "required", "must not be empty")
        if len(self.variants) > MAX_VARIANTS:
            raise InvalidField("/variants", "too-many", f"at most {MAX_VARIANTS}")
        skus = [variant.sku for variant in self.variants]
        if len(set(skus)) < len(skus):
            raise InvalidField("/variants", "duplicate-sku", "every variant needs a SKU of its own")


class Products(Protocol):
    """Repository of products."""

    async def get(self, id: ProductId) -> Product: ...

    async def find(self, ids: Iterable[ProductId]) -> dict[ProductId, Product]: ...

    async def find_by_slugs(self, slugs: Iterable[str]) -> dict[str, Product]: ...

    async def take(self, ids: Iterable[ProductId]) -> dict[ProductId, Product]:
        """Locked, in the order of the ids."""
        ...

    async def taken_slugs(self, stem: str) -> set[str]:
        """The slugs in use that are the stem, or begin with it and a hyphen."""
        ...

    async def owners(self, skus: Iterable[str]) -> dict[str, ProductId]:
        """Which product holds each of these SKUs, as its own or a variant's."""
        ...

    async def sold(self, ids: Iterable[ProductId]) -> set[ProductId]:
        """Which of these any order ever held."""
        ...

    async def count_by_category(self) -> dict[CategoryId, int]:
        """How many active ones are directly in each category that has any."""
        ...

    async def in_category(self, category: CategoryId, *, archived: bool) -> list[ProductId]:
        """Those that are directly in it, either archived or not."""
        ...

    async def are_of_tax_class(self, tax_class: str) -> bool:
        """Whether any are."""
        ...

    async def count_sales(self, pieces: Mapping[ProductId, int]) -> None:
        """So many more of each were bought: what lists by popularity go by. It is no change of the product."""
        ...

    async def save(self, products: Sequence[Product]) -> None:
        """Raises SlugTaken or SkuTaken."""
        ...

    async def remove(self, products: Sequence[Product]) -> None: ...


def _adjusted(price: Money, percent: Decimal) -> Money:
    """Half up."""
    adjusted = price.percent(100 + percent)
    if adjusted > highest(price.currency):
        raise PriceTooHigh
    return adjusted
