"""The order, from the moment it is placed; its lines, prices and addresses never change after."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self
from uuid import UUID

from domain.accounts import Address, UserId
from domain.aggregate import Aggregate
from domain.errors import Conflict, NotFound
from domain.inventory import Demand, Sku
from domain.money import Money
from domain.ordering.events import OrderCancelled, OrderId, OrderPaid, OrderPlaced, OrderRefunded, PaymentWasDeclined
from domain.ordering.lines import LineId, OrderLine
from domain.ordering.status import NEXT, IllegalTransition, OrderNotCancellable, PaymentStatus, Status
from domain.pricing import Quote


class OrderNotFound(NotFound):
    code = "order-not-found"


@dataclass(unsafe_hash=True)
class PriceChanged(Conflict):
    """The caller expected another total than the order would have."""

    expected: Money
    actual: Money
    code = "price-changed"

    @property
    def facts(self) -> dict[str, Any]:
        return {"expected_total": str(self.expected), "total_amount": str(self.actual)}


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline that the customer sees."""

    at: datetime
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Who places an order, and where it goes."""

    user: UserId | None
    email: str
    shipping_address: Address
    billing_address: Address
    shipping_method: str = "standard"
    customer_notes: str = ""


@dataclass(slots=True, eq=False, kw_only=True)
class Order(Aggregate):
    """The order is the reservation: while it is pending its lines are reserved, when it is paid they leave."""

    id: OrderId
    number: str
    placement: Placement
    lines: tuple[OrderLine, ...]
    subtotal: Money
    discount: Money
    tax: Money
    shipping: Money
    total: Money
    created_at: datetime
    expires_at: datetime  # when it is cancelled if still unpaid
    status: Status = Status.PENDING
    payment_status: PaymentStatus = PaymentStatus.PENDING
    timeline: tuple[Moment, ...] = ()
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None

    @classmethod
    def place(
        cls,
        id: OrderId,
        number: str,
        placement: Placement,
        quote: Quote,
        ids: list[LineId],
        at: datetime,
        ttl: timedelta,
    ) -> Self:
        """The caller has made sure that there is stock and that everything quoted is on sale."""
        order = cls(
            id=id,
            number=number,
            placement=placement,
            lines=tuple(OrderLine.of(line_id, line) for line_id, line in zip(ids, quote.lines, strict=True)),
            subtotal=quote.subtotal,
            discount=quote.discount,
            tax=quote.tax,
            shipping=quote.shipping,
            total=quote.total,
            created_at=at,
            expires_at=at + ttl,
        )
        order._note(at, "placed")
        order.record(
            OrderPlaced(
                order=id,
                number=number,
                user=placement.user,
                email=placement.email,
                total=quote.total.amount,
                currency=quote.total.currency,
                at=at,
            )
        )
        return order

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def demand(self) -> Demand:
        """Pieces that stock has to answer for, summed per SKU."""
        wanted: Counter[Sku] = Counter()
        for line in self.lines:
            if line.tracked:
                wanted[line.sku] += line.quantity
        return wanted

    @property
    def is_paid(self) -> bool:
        return self.paid_at is not None

    def pay(self, payment: UUID, at: datetime) -> None:
        """The money is there. Raises IllegalTransition for an order that waits for none."""
        self._become(Status.PROCESSING)
        self.payment_status, self.paid_at = PaymentStatus.PAID, at
        self._note(at, "paid")
        self.record(OrderPaid(order=self.id, number=self.number, payment=payment, at=at))

    def decline(self, reason: str, at: datetime) -> None:
        """A payment failed; the order waits on, for another try."""
        if self.status is not Status.PENDING:
            return
        self.payment_status = PaymentStatus.FAILED
        self._note(at, "payment_failed", reason)
        self.record(PaymentWasDeclined(order=self.id, number=self.number, reason=reason, at=at))

    def cancel(self, reason: str, at: datetime) -> None:
        """Raises OrderNotCancellable once it has been shipped or cancelled."""
        if Status.CANCELLED not in NEXT[self.status]:
            raise OrderNotCancellable(self.status, Status.CANCELLED)
        self._become(Status.CANCELLED)
        self.cancelled_at = at
        self._note(at, "cancelled", reason)
        self.record(OrderCancelled(order=self.id, number=self.number, reason=reason, was_paid=self.is_paid, at=at))

    def refund(self, refunded: Money, at: datetime) -> None:
        """So much has gone back in all."""
        self.payment_status = PaymentStatus.REFUNDED if refunded >= self.total else PaymentStatus.PARTIALLY_REFUNDED
        self._note(at, "refunded", str(refunded))
        self.record(
            OrderRefunded(
                order=self.id, number=self.number, refunded=refunded.amount, currency=refunded.currency, at=at
            )
        )

    def _become(self, status: Status) -> None:
        if status not in NEXT[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status

    def _note(self, at: datetime, event: str, detail: str = "") -> None:
        self.timeline = (*self.timeline, Moment(at, event, detail))


class Orders(Protocol):
    """Repository of orders."""

    async def get(self, id: OrderId) -> Order: ...

    async def take(self, id: OrderId) -> Order:
        """Locked."""
        ...

    async def save(self, order: Order) -> None: ...

    async def due(self, now: datetime, limit: int) -> list[OrderId]:
        """Unpaid orders whose time is up."""
        ...
