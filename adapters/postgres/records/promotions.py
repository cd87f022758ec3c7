"""The tables of coupons and their uses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.records.record import Record, key


class CouponRecord(Record):
    id: Mapped[UUID] = key()
    code: Mapped[str]
    kind: Mapped[str]
    value: Mapped[int]
    currency: Mapped[str]
    min_subtotal: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    usage_limit: Mapped[int | None]
    per_customer_limit: Mapped[int | None]
    categories: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    products: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]
    used: Mapped[int]
    version: Mapped[int]
    __table_args__ = (
        Index("uq_coupon_code", "code", unique=True, postgresql_where=sql("archived_at IS NULL")),
        Index("ix_coupon_created", sql("created_at DESC"), sql("id DESC")),
        CheckConstraint("used >= 0 AND (usage_limit IS NULL OR used <= usage_limit)", name="used"),
    )


class CouponUseRecord(Record):
    """An order's use; the how-manieth of its customer it is keeps two at once from being the same."""

    purchase_id: Mapped[UUID] = mapped_column(ForeignKey("purchase.id"), primary_key=True)
    coupon_id: Mapped[UUID] = mapped_column(ForeignKey("coupon.id"))
    customer: Mapped[str]
    n: Mapped[int]
    __table_args__ = (
        UniqueConstraint("coupon_id", "customer", "n", name="uq_coupon_use_customer"),
        CheckConstraint("n > 0", name="n"),
    )
