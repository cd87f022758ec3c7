"""The tables of carts, orders and payments."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.records.record import Record, key


class CartRecord(Record):
    """The items are the cart's own values, so they live in its row and are locked with it."""

    id: Mapped[UUID] = key()
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    guest: Mapped[bytes | None] = mapped_column(unique=True)  # the hash of the token that they hold
    coupon_id: Mapped[UUID | None] = mapped_column(ForeignKey("coupon.id"))
    items: Mapped[list[dict[str, Any]]]
    updated_at: Mapped[datetime]
    version: Mapped[int]
    __table_args__ = (
        CheckConstraint("num_nonnulls(user_id, guest) = 1", name="owner"),
        # Those that housekeeping may forget.
        Index("ix_cart_guest_updated", "updated_at", postgresql_where=sql("guest IS NOT NULL")),
    )


class PurchaseRecord(Record):
    """An order; ORDER is a word of SQL's own."""

    id: Mapped[UUID] = key()
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
    shipments: Mapped[list[dict[str, Any]]] = mapped_column(server_default=sql("'[]'"))
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
    id: Mapped[UUID] = key()
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
    tax_rate: Mapped[Decimal | None] = mapped_column(Numeric())  # per cent
    __table_args__ = (
        Index("ix_purchase_line_purchase", "purchase_id", "position"),
        Index("ix_purchase_line_product", "product_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )


class PaymentRecord(Record):
    id: Mapped[UUID] = key()
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
    changed_at: Mapped[datetime | None]
    __table_args__ = (
        # One live or settled payment per order: the wall against charging twice.
        Index("uq_payment_order", "order_id", unique=True, postgresql_where=sql("state <> 'cancelled'")),
        Index("ix_payment_order", "order_id"),
        Index("ix_payment_user", "user_id", sql("created_at DESC"), sql("id DESC")),
        Index("ix_payment_open", "created_at", postgresql_where=sql("state IN ('pending', 'processing', 'failed')")),
        CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded"),
        CheckConstraint("captured BETWEEN 0 AND amount", name="captured"),
    )


class RefundRecord(Record):
    """Money that goes back, and for which pieces; written before the gateway is asked."""

    id: Mapped[UUID] = key()
    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"))
    amount: Mapped[int]
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    items: Mapped[list[dict[str, Any]]]
    restock: Mapped[bool]
    state: Mapped[str]
    __table_args__ = (
        Index("ix_refund_purchase", "purchase_id"),
        CheckConstraint("amount >= 0", name="amount"),
    )
