"""The tables of stock and its movements."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from adapters.postgres.records.record import Record, key


class StockRecord(Record):
    sku: Mapped[str] = key()
    on_hand: Mapped[int]
    reserved: Mapped[int]
    backorder_limit: Mapped[int]
    low_stock_threshold: Mapped[int]
    version: Mapped[int]
    __table_args__ = (
        CheckConstraint("on_hand >= -backorder_limit", name="on_hand"),
        CheckConstraint("reserved BETWEEN 0 AND on_hand + backorder_limit", name="reserved"),
    )


class MovementRecord(Record):
    sku: Mapped[str] = key()
    number: Mapped[int] = key()
    on_hand: Mapped[int]
    reserved: Mapped[int]
    reason: Mapped[str]
    at: Mapped[datetime]
    order_id: Mapped[UUID | None]
    note: Mapped[str]
    actor_id: Mapped[UUID | None]


class LowStockRecord(Record):
    """A SKU that runs low, and the event that made it so: whoever handles that one tells staff."""

    sku: Mapped[str] = key()
    since: Mapped[datetime]
    event_id: Mapped[UUID]
