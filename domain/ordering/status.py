"""What becomes of an order, and what may follow what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.errors import Conflict
from domain.money import Money


class Status(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


def standing(refunded: Money, total: Money, *, is_paid: bool) -> PaymentStatus:
    """The payment's, when so much of the total has gone back."""
    if not refunded:
        return PaymentStatus.PAID if is_paid else PaymentStatus.PENDING
    return PaymentStatus.REFUNDED if refunded >= total else PaymentStatus.PARTIALLY_REFUNDED


Transitions = Mapping[Status, set[Status]]
NEXT: Transitions = {
    Status.PENDING: {Status.PROCESSING, Status.CANCELLED},
    Status.PROCESSING: {Status.SHIPPED, Status.CANCELLED},
    Status.SHIPPED: {Status.DELIVERED},
    Status.DELIVERED: set[Status](),
    Status.CANCELLED: set[Status](),
}
# No command does it: money that comes after an order has expired.
REVIVED: Transitions = {Status.CANCELLED: {Status.PROCESSING}}


@dataclass(unsafe_hash=True)
class IllegalTransition(Conflict):
    """The order is not in a state from which this may follow. `allowed` is what may."""

    now: Status
    wanted: Status
    allowed: Iterable[Status] | None = field(default=None, compare=False)  # None: all that NEXT says
    code = "illegal-transition"

    @property
    def facts(self) -> dict[str, Any]:
        allowed = NEXT[self.now] if self.allowed is None else self.allowed
        return {"status_now": self.now.value, "allowed": sorted(allowed)}


class OrderNotCancellable(IllegalTransition):
    code = "order-not-cancellable"


@dataclass(unsafe_hash=True)
class OrderNotRefundable(Conflict):
    """Nothing was paid for it, or all that was goes back anyhow."""

    now: Status
    code = "order-not-refundable"

    @property
    def facts(self) -> dict[str, Any]:
        return {"status_now": self.now.value, "allowed": sorted(NEXT[self.now])}
