"""Payments: what was asked of a customer for an order, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, Self
from uuid import UUID

from domain.accounts import UserId
from domain.aggregate import Aggregate, Event
from domain.errors import Conflict, Declined, NotFound
from domain.money import Money
from domain.ordering import OrderId

PaymentId = NewType("PaymentId", UUID)


class PaymentState(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


# News of a payment may come in any order; what has the higher rank is the later truth.
RANK = {
    PaymentState.PENDING: 0,
    PaymentState.PROCESSING: 1,
    PaymentState.FAILED: 1,
    PaymentState.CANCELLED: 2,
    PaymentState.SUCCEEDED: 3,
    PaymentState.PARTIALLY_REFUNDED: 4,
    PaymentState.REFUNDED: 5,
}
LIVE = frozenset({PaymentState.PENDING, PaymentState.PROCESSING, PaymentState.FAILED})  # the customer can still pay it


class PaymentNotFound(NotFound):
    code = "payment-not-found"


class OrderAlreadyPaid(Conflict):
    code = "order-already-paid"


class OrderNotPayable(Conflict):
    code = "order-not-payable"


class IntentMismatch(Conflict):
    """The gateway's intent is for another amount, currency or order than ours: nothing is booked."""

    code = "intent-mismatch"


@dataclass(unsafe_hash=True)
class PaymentDeclined(Declined):
    """`decline_code` is the card network's reason as the gateway names it."""

    decline_code: str
    code = "payment-declined"

    @property
    def facts(self) -> dict[str, Any]:
        return {"decline_code": self.decline_code}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A PaymentIntent as the gateway holds it: the truth about the money. Amounts are in minor units."""

    id: str
    client_secret: str
    order: OrderId
    amount: Money
    state: PaymentState
    captured: int = 0
    refunded: int = 0
    failure_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCreated(Event):
    payment: PaymentId
    order: OrderId
    intent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChanged(Event):
    payment: PaymentId
    order: OrderId
    state: PaymentState
    captured: int  # minor units
    refunded: int  # minor units


@dataclass(slots=True, eq=False, kw_only=True)
class Payment(Aggregate):
    """One try to collect an order's total, through one PaymentIntent."""

    id: PaymentId
    order: OrderId
    order_number: str
    user: UserId | None
    amount: Money
    intent: str
    created_at: datetime
    state: PaymentState = PaymentState.PENDING
    captured: int = 0
    refunded: int = 0
    failure_code: str | None = None
    paid_at: datetime | None = None
    changed_at: datetime | None = None  # when news were booked

    @classmethod
    def create(cls, id: PaymentId, intent: Intent, order_number: str, user: UserId | None, at: datetime) -> Self:
        payment = cls(
            id=id,
            order=intent.order,
            order_number=order_number,
            user=user,
            amount=intent.amount,
            intent=intent.id,
            created_at=at,
        )
        payment.record(PaymentCreated(payment=id, order=intent.order, intent=intent.id, at=at))
        return payment

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def settle(self, intent: Intent, at: datetime, asked: datetime | None = None) -> bool:
        """Take over what the gateway says, if it is news. True if it was. `asked` is when. Raises IntentMismatch."""
        if (intent.id, intent.order, intent.amount) != (self.intent, self.order, self.amount):
            raise IntentMismatch
        if not (self._is_news(intent) or self._is_returned(intent, asked)):
            return False
        if intent.captured and self.paid_at is None:
            self.paid_at = at
        self.state, self.failure_code = intent.state, intent.failure_code
        self.captured, self.refunded, self.changed_at = intent.captured, intent.refunded, at
        self.record(
            PaymentChanged(
                payment=self.id,
                order=self.order,
                state=self.state,
                captured=self.captured,
                refunded=self.refunded,
                at=at,
            )
        )
        return True

    def _is_news(self, intent: Intent) -> bool:
        """Whether it can be later than what is known. Two asked the gateway: who asked first may well book last."""
        theirs = (RANK[intent.state], intent.captured, intent.refunded)
        ours = (RANK[self.state], self.captured, self.refunded)
        same = (intent.state, intent.failure_code) == (self.state, self.failure_code)
        return theirs > ours or (theirs == ours and not same)

    def _is_returned(self, intent: Intent, asked: datetime | None) -> bool:
        """Whether a bank sent a refund back: less is refunded, and who says so was asked after the last booking."""
        is_later = asked is not None and self.changed_at is not None and asked > self.changed_at
        return is_later and intent.captured == self.captured and intent.refunded < self.refunded


class Payments(Protocol):
    """Repository of payments."""

    async def take_by_intent(self, intent: str) -> Payment:
        """Locked. Raises PaymentNotFound."""
        ...

    async def find_of(self, order: OrderId) -> Payment | None:
        """The order's live or settled payment; None if there is none, or only cancelled ones."""
        ...

    async def cancelled_of(self, order: OrderId) -> int:
        """How many of the order's payments were cancelled."""
        ...

    async def open_since(self, before: datetime, limit: int) -> list[str]:
        """Intents that are still open and were made before that moment, for the reconciler."""
        ...

    async def save(self, payment: Payment) -> None: ...
