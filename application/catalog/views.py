"""The catalogue as readers see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from application.catalog.wishes import ProductFilter
from application.ports import Page, PageRequest
from domain.categories import CategoryId
from domain.variants import VariantId

V = TypeVar("V")


class CategoryRef(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    slug: str


class CategoryPath(CategoryRef, frozen=True):
    """A category with those above it, the topmost first."""

    ancestors: Sequence[CategoryRef]


class ProductItem(msgspec.Struct):
    """A product as lists show it. `stock_quantity` is what can be bought now."""

    id: UUID
    name: str
    slug: str
    price: str
    compare_at_price: str | None
    currency: str
    is_on_sale: bool
    discount_percentage: int
    primary_image: str | None
    category: CategoryRef | None
    category_name: str
    stock_quantity: int
    in_stock: bool
    is_low_stock: bool
    is_active: bool
    is_featured: bool
    has_variants: bool
    rating_average: float | None
    rating_count: int


class Thumbnails(msgspec.Struct, frozen=True):
    small: str
    medium: str


class ImageView(msgspec.Struct, frozen=True):
    id: UUID
    url: str
    thumbnails: Thumbnails
    alt_text: str
    is_primary: bool
    position: int


class VariantView(msgspec.Struct, frozen=True):
    id: VariantId
    name: str
    sku: str
    price: str
    compare_at_price: str | None
    stock_quantity: int
    in_stock: bool
    is_active: bool
    attributes: Mapping[str, str]
    weight: int | UnsetType | None = UNSET
    """For staff: in grams, null where it is the product's."""


class OptionView(msgspec.Struct, frozen=True):
    name: str
    values: Sequence[str]


class ProductView(ProductItem):
    """A product in full, as everybody sees it."""

    category: CategoryPath | None
    description: str
    sku: str
    track_inventory: bool
    tags: Sequence[str]
    meta_title: str
    meta_description: str
    images: Sequence[ImageView]
    variants: Sequence[VariantView]
    options: Sequence[OptionView]
    created_at: datetime
    updated_at: datetime


class StaffProductView(ProductView):
    """What only staff see of a product."""

    cost_per_item: str | None
    low_stock_threshold: int
    on_hand: int
    reserved: int
    weight: int  # grams
    tax_class: str


class CategoryView(msgspec.Struct):
    """A category; `products_count` counts the active products in it and below it, `children` are those of a tree."""

    id: CategoryId
    name: str
    slug: str
    description: str
    parent: CategoryRef | None
    is_active: bool
    products_count: int
    children: "list[CategoryView] | UnsetType" = UNSET


@dataclass(frozen=True, slots=True)
class Versioned(Generic[V]):
    """A view and the version of what it shows; it is another one whenever the view is."""

    view: V
    version: str


class CatalogViews(Protocol):
    """Reads the catalogue. `staff` see what is not active, too."""

    async def products(self, wanted: ProductFilter, page: PageRequest, *, staff: bool = False) -> Page[ProductItem]: ...

    async def category_products(
        self, category: str, wanted: ProductFilter, page: PageRequest, *, staff: bool = False
    ) -> Page[ProductItem]:
        """Raises CategoryNotFound."""
        ...

    async def featured(self) -> list[ProductItem]: ...

    async def product(self, ref: str, *, staff: bool = False) -> Versioned[ProductView]:
        """By slug or id. Raises ProductNotFound."""
        ...

    async def categories(self, page: PageRequest, *, staff: bool = False) -> Page[CategoryView]: ...

    async def category_tree(self, *, staff: bool = False) -> list[CategoryView]: ...

    async def category(self, ref: str, *, staff: bool = False) -> Versioned[CategoryView]:
        """By slug or id. Raises CategoryNotFound."""
        ...
