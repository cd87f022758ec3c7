"""The tables of the catalogue."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.records.record import Record, key

ORDERED_BY = {"created": "created_at", "price": "price", "name": "name", "popularity": "popularity"}


class CategoryRecord(Record):
    id: Mapped[UUID] = key()
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"), index=True)
    is_active: Mapped[bool]
    version: Mapped[int]


class ProductRecord(Record):
    id: Mapped[UUID] = key()
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    sku: Mapped[str]
    description: Mapped[str]
    price: Mapped[int]
    compare_at_price: Mapped[int | None]
    cost_per_item: Mapped[int | None]
    currency: Mapped[str]
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"))
    tags: Mapped[list[str]]
    is_active: Mapped[bool]
    is_featured: Mapped[bool]
    track_inventory: Mapped[bool]
    low_stock_threshold: Mapped[int]
    meta_title: Mapped[str]
    meta_description: Mapped[str]
    images: Mapped[list[dict[str, Any]]]
    primary_image: Mapped[str | None]
    variants_count: Mapped[int]
    rating_average: Mapped[float | None] = mapped_column(Float(53))
    rating_count: Mapped[int]
    popularity: Mapped[int] = mapped_column(server_default="0")  # pieces sold
    facets: Mapped[list[str]] = mapped_column(server_default=sql("'{}'"))
    in_stock: Mapped[bool] = mapped_column(
        server_default=sql("false")
    )  # kept by triggers on stock, variant and product
    weight: Mapped[int] = mapped_column(server_default="0")  # grams
    tax_class: Mapped[str] = mapped_column(server_default="standard")
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]
    __table_args__ = (
        *(Index(f"ix_product_{name}", "is_active", column, "id") for name, column in ORDERED_BY.items()),
        *(
            Index(f"ix_product_category_{name}", "category_id", "is_active", column, "id")
            for name, column in ORDERED_BY.items()
        ),
        Index("ix_product_on_sale", "is_active", "created_at", "id", postgresql_where=sql("compare_at_price > price")),
        Index("ix_product_sold_out", "is_active", "created_at", "id", postgresql_where=sql("NOT in_stock")),
        Index("ix_product_featured", sql("created_at DESC"), postgresql_where=sql("is_active AND is_featured")),
        Index("ix_product_facets", "facets", postgresql_using="gin"),
        CheckConstraint("price >= 0", name="price"),
    )


class VariantRecord(Record):
    id: Mapped[UUID] = key()
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    sku: Mapped[str]
    price: Mapped[int | None]
    compare_at_price: Mapped[int | None]
    attributes: Mapped[dict[str, str]]
    is_active: Mapped[bool]
    weight: Mapped[int | None]  # grams; none means the product's
    __table_args__ = (Index("ix_variant_product", "product_id", "position"),)


class SkuRecord(Record):
    """Every SKU in use, of products and variants alike: what makes them unique over both."""

    sku: Mapped[str] = key()
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)
