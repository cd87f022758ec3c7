"""What happens to an order."""

from dataclasses import dataclass
from typing import NewType
from uuid import UUID

from domain.accounts import UserId
from domain.aggregate import Event
from domain.ordering.refunds import RefundId, RefundState

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
    payment: UUID | None  # None where there was nothing to pay


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    order: OrderId
    number: str
    reason: str
    was_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRevived(Event):
    """Its money came after it had expired, and all that it was for could still be had."""

    order: OrderId
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefunded(Event):
    order: OrderId
    number: str
    refunded: int  # minor units, in all
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundReturned(Event):
    """A bank did not take it: the money is with the shop again."""

    order: OrderId
    number: str
    refunded: int  # minor units, what is left of it in all
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentWasDeclined(Event):
    order: OrderId
    number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShipped(Event):
    """A parcel is on its way; the last one, if now nothing is left."""

    order: OrderId
    number: str
    parcel: int  # which of the order's shipments, from 1
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDelivered(Event):
    order: OrderId
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsked(Event):
    """Promised; the gateway is still to be asked."""

    order: OrderId
    number: str
    refund: RefundId
    amount: int  # minor units


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEnded(Event):
    order: OrderId
    number: str
    refund: RefundId
    state: RefundState
