"""What happens to an order."""

from dataclasses import dataclass
from typing import NewType
from uuid import UUID

from domain.accounts import UserId
from domain.aggregate import Event

OrderId = NewType("OrderId", UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    order: OrderId
    number: str
    user: UserId | None
    email: str
    total: int  # minor units
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(Event):
    order: OrderId
    number: str
    payment: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    order: OrderId
    number: str
    reason: str
    was_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(Event):
    order: OrderId
    number: str
    refunded: int  # minor units, in all
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentWasDeclined(Event):
    order: OrderId
    number: str
    reason: str
