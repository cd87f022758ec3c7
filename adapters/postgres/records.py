"""The schema: every table of the shop, declared once. Migrations are checked against it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from advanced_alchemy.base import AdvancedDeclarativeBase, CommonTableAttributes, orm_registry
from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Float, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

# advanced-alchemy's own JsonB fails on SQLAlchemy 2.1 (it calls a helper that is gone): PostgreSQL's type itself.
JSON_TYPES = (dict[str, Any], dict[str, str], list[dict[str, Any]])
orm_registry.update_type_annotation_map(
    {str: Text(), int: BigInteger(), list[str]: ARRAY(Text()), **dict.fromkeys(JSON_TYPES, JSONB(none_as_null=True))}
)


class Record(CommonTableAttributes, AdvancedDeclarativeBase):
    """A row of one table; the table has the class's name in snake_case, without "Record"."""

    __abstract__ = True

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        name = cls.__name__.removesuffix("Record")
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _key(*, to: str | None = None, **options: Any) -> Any:
    """A primary key column; with `to`, one that is a foreign key too."""
    link = (ForeignKey(to, ondelete="CASCADE"),) if to else ()
    return mapped_column(*link, primary_key=True, **options)


class AccountRecord(Record):
    id: Mapped[UUID] = _key()
    email: Mapped[str] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str]
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone_number: Mapped[str]
    preferred_language: Mapped[str]
    roles: Mapped[list[str]]
    is_active: Mapped[bool]
    email_verified: Mapped[bool]
    date_joined: Mapped[datetime]
    version: Mapped[int]


class SessionRecord(Record):
    id: Mapped[UUID] = _key()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshTokenRecord(Record):
    digest: Mapped[bytes] = _key()
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    successor: Mapped[bytes | None]
    sealed_successor: Mapped[bytes | None]


class CategoryRecord(Record):
    id: Mapped[UUID] = _key()
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("category.id"), index=True)
    is_active: Mapped[bool]
    version: Mapped[int]


class ProductRecord(Record):
    id: Mapped[UUID] = _key()
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
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]
    __table_args__ = (
        Index("ix_product_created", sql("created_at DESC"), sql("id DESC"), postgresql_where=sql("is_active")),
        Index("ix_product_price", "price", "id", postgresql_where=sql("is_active")),
        Index("ix_product_name", "name", "id", postgresql_where=sql("is_active")),
        Index("ix_product_popularity", "popularity", "id", postgresql_where=sql("is_active")),
        Index(
            "ix_product_category",
            "category_id",
            sql("created_at DESC"),
            sql("id DESC"),
            postgresql_where=sql("is_active"),
        ),
        Index("ix_product_featured", sql("created_at DESC"), postgresql_where=sql("is_active AND is_featured")),
        Index("ix_product_tags", "tags", postgresql_using="gin"),
        CheckConstraint("price >= 0", name="price"),
    )


class VariantRecord(Record):
    id: Mapped[UUID] = _key()
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    sku: Mapped[str]
    price: Mapped[int | None]
    compare_at_price: Mapped[int | None]
    attributes: Mapped[dict[str, str]]
    is_active: Mapped[bool]
    __table_args__ = (Index("ix_variant_product", "product_id", "position"),)


class SkuRecord(Record):
    """Every SKU in use, of products and variants alike: what makes them unique over both."""

    sku: Mapped[str] = _key()
    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), index=True)


class StockRecord(Record):
    sku: Mapped[str] = _key()
    on_hand: Mapped[int]
    reserved: Mapped[int]
    backorder_limit: Mapped[int]
    low_stock_threshold: Mapped[int]
    version: Mapped[int]
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand"),
        CheckConstraint("reserved BETWEEN 0 AND on_hand + backorder_limit", name="reserved"),
    )


class MovementRecord(Record):
    sku: Mapped[str] = _key()
    number: Mapped[int] = _key()
    on_hand: Mapped[int]
    reserved: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    order_id: Mapped[UUID | None]
    note: Mapped[str]


class CartRecord(Record):
    """The items are the cart's own values, so they live in its row and are locked with it."""

    id: Mapped[UUID] = _key()
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    items: Mapped[list[dict[str, Any]]]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class PurchaseRecord(Record):
    """An order; ORDER is a word of SQL's own."""

    id: Mapped[UUID] = _key()
    number: Mapped[str]
    user_id: Mapped[UUID | None]
    email: Mapped[str]
    status: Mapped[str]
    payment_status: Mapped[str]
    currency: Mapped[str]
    subtotal: Mapped[int]
    discount: Mapped[int]
    tax: Mapped[int]
    shipping: Mapped[int]
    total: Mapped[int]
    items_count: Mapped[int]
    placement: Mapped[dict[str, Any]]
    timeline: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        UniqueConstraint("number", name="uq_purchase_number"),
        Index("ix_purchase_user", "user_id", sql("created_at DESC"), sql("id DESC")),
        Index("ix_purchase_created", sql("created_at DESC"), sql("id DESC")),
        Index("ix_purchase_unpaid", "expires_at", postgresql_where=sql("status = 'pending'")),
    )


class PurchaseLineRecord(Record):
    id: Mapped[UUID] = _key()
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"))
    position: Mapped[int]
    product_id: Mapped[UUID]
    variant_id: Mapped[UUID | None]
    product_name: Mapped[str]
    variant_name: Mapped[str]
    sku: Mapped[str]
    quantity: Mapped[int]
    unit_price: Mapped[int]
    discount: Mapped[int]
    tax: Mapped[int]
    total: Mapped[int]
    tracked: Mapped[bool]
    __table_args__ = (
        Index("ix_purchase_line_purchase", "purchase_id", "position"),
        Index("ix_purchase_line_product", "product_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )


class PaymentRecord(Record):
    id: Mapped[UUID] = _key()
    order_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"))
    order_number: Mapped[str]
    user_id: Mapped[UUID | None]
    amount: Mapped[int]
    currency: Mapped[str]
    intent: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    captured: Mapped[int]
    refunded: Mapped[int]
    failure_code: Mapped[str | None]
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    version: Mapped[int]
    __table_args__ = (
        # One live or settled payment per order: the wall against charging twice.
        Index("uq_payment_order", "order_id", unique=True, postgresql_where=sql("state <> 'cancelled'")),
        Index("ix_payment_order", "order_id"),
        Index("ix_payment_user", "user_id", sql("created_at DESC"), sql("id DESC")),
        Index("ix_payment_open", "created_at", postgresql_where=sql("state IN ('pending', 'processing', 'failed')")),
        CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded"),
        CheckConstraint("captured BETWEEN 0 AND amount", name="captured"),
    )


class OnceRecord(Record):
    """The first answer given under an idempotency key."""

    actor: Mapped[str] = _key()
    key: Mapped[str] = _key()
    route: Mapped[str]
    fingerprint: Mapped[bytes]
    status: Mapped[int]
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"), index=True)


class OutboxRecord(Record):
    """Every event, in the transaction of what it tells of; `position` is given by the one dispatcher."""

    id: Mapped[UUID] = _key()
    type: Mapped[str]
    aggregate: Mapped[str]
    aggregate_id: Mapped[UUID]
    seq: Mapped[int]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    position: Mapped[int | None] = mapped_column(unique=True)
    __table_args__ = (
        UniqueConstraint("aggregate_id", "seq", name="uq_outbox_seq"),
        Index("ix_outbox_undispatched", "id", postgresql_where=sql("position IS NULL")),
    )


class DeliveryRecord(Record):
    """One event for one handler, until it is done or given up."""

    event_id: Mapped[UUID] = _key(to="outbox.id")
    handler: Mapped[str] = _key()
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    done_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    error: Mapped[str | None]
    __table_args__ = (
        Index("ix_delivery_due", "handler", "due_at", postgresql_where=sql("done_at IS NULL AND dead_at IS NULL")),
    )


class HandledRecord(Record):
    """Which handler's effect is committed for which event: what makes handling idempotent."""

    event_id: Mapped[UUID] = _key()
    handler: Mapped[str] = _key()
    at: Mapped[datetime] = mapped_column(server_default=sql("now()"))


METADATA = Record.metadata
