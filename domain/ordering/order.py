"""The order, from the moment it is placed; its lines, prices and addresses never change after."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from domain.aggregate import Aggregate
from domain.inventory import Demand
from domain.money import Money, total
from domain.ordering.events import (
    OrderCancelled,
    OrderDelivered,
    OrderId,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderRevived,
    OrderShipped,
    PaymentWasDeclined,
    RefundAsked,
    RefundEnded,
    RefundReturned,
)
from domain.ordering.lines import LineId, OrderLine
from domain.ordering.placement import Moment, Placement
from domain.ordering.refunds import (
    ExceedsRefundable,
    Refund,
    RefundId,
    RefundState,
    RefundWish,
    refunded_by,
    worth_of,
)
from domain.ordering.shipments import (
    ExceedsShippable,
    NothingToShip,
    Parcel,
    Pieces,
    Shipment,
    Wanted,
    excesses,
    in_stock,
    known,
    left,
    pieces,
)
from domain.ordering.status import (
    NEXT,
    REVIVED,
    IllegalTransition,
    OrderNotCancellable,
    OrderNotRefundable,
    PaymentStatus,
    Status,
    Transitions,
    standing,
)
from domain.pricing import Quote

UNPAID = "unpaid"  # the reason that the clock gives
EXPIRED = "expired"  # and what the timeline says then
RETURNED = "refund_returned"


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
    shipments: tuple[Shipment, ...] = ()
    refunds: tuple[Refund, ...] = ()
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
        """Paid at once where it costs nothing.

        The caller has made sure that there is stock and that everything quoted is on sale.
        """
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
        if not quote.total:
            order.pay(None, at)
        return order

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def demand(self) -> Demand:
        """Pieces that stock has to answer for, summed per SKU."""
        return in_stock(self.lines, (Pieces(line.id, line.quantity) for line in self.lines))

    @property
    def kept(self) -> Demand:
        """Those of the demand that have not come back to the shelf with a refund."""
        back = in_stock(self.lines, (each for refund in self._done if refund.restock for each in refund.items))
        return {sku: still for sku, quantity in self.demand.items() if (still := quantity - back.get(sku, 0))}

    @property
    def is_paid(self) -> bool:
        return self.paid_at is not None

    @property
    def has_expired(self) -> bool:
        """Cancelled by nobody but the clock."""
        ended = self.status is Status.CANCELLED and not self.is_paid
        return ended and any(moment.event == EXPIRED for moment in self.timeline)

    @property
    def to_ship(self) -> Wanted:
        """What was neither sent nor refunded, by line: pieces that were not sent yet are refunded first."""
        return left(self.lines, [*self._sent, *(refund.items for refund in self.refunds if refund.counts)])

    @property
    def unrefunded(self) -> Wanted:
        return left(self.lines, (refund.items for refund in self.refunds if refund.counts))

    def pay(self, payment: UUID | None, at: datetime) -> None:
        """The money is there. Raises IllegalTransition for an order that waits for none."""
        self._become(Status.PROCESSING)
        self._paid(payment, at)

    def revive(self, payment: UUID, at: datetime) -> None:
        """The money came too late, and the order lives on. Raises IllegalTransition for one that did not expire."""
        if not self.has_expired:
            raise IllegalTransition(self.status, Status.PROCESSING)
        self._become(Status.PROCESSING, REVIVED)
        self.cancelled_at = None
        self._note(at, "revived")
        self.record(OrderRevived(order=self.id, number=self.number, at=at))
        self._paid(payment, at)

    def decline(self, reason: str, at: datetime) -> None:
        """A payment failed; the order waits on, for another try."""
        if self.status is not Status.PENDING:
            return
        self.payment_status = PaymentStatus.FAILED
        self._note(at, "payment_failed", reason)
        self.record(PaymentWasDeclined(order=self.id, number=self.number, reason=reason, at=at))

    def ship(self, parcel: Parcel, at: datetime) -> None:
        """All that is left where the parcel names nothing.

        Raises IllegalTransition, OrderLineNotFound, ExceedsShippable, NothingToShip.
        """
        if Status.SHIPPED not in NEXT[self.status]:
            raise IllegalTransition(self.status, Status.SHIPPED)
        to_ship = self.to_ship
        wanted = known(parcel.items, to_ship)
        if over := excesses(wanted, to_ship):
            raise ExceedsShippable(over)
        if not (items := pieces(wanted)):
            raise NothingToShip
        number, carrier = parcel.tracking_number, parcel.carrier
        self.shipments += (Shipment(items=items, shipped_at=at, tracking_number=number, carrier=carrier),)
        self._complete(at)
        whole = self.status is Status.SHIPPED
        self._note(at, "shipped" if whole else "partially_shipped", " ".join(filter(None, (carrier, number))))
        self.record(OrderShipped(order=self.id, number=self.number, parcel=len(self.shipments), is_whole=whole, at=at))

    def deliver(self, at: datetime) -> None:
        """Raises IllegalTransition."""
        self._become(Status.DELIVERED)
        self.delivered_at = at
        self._note(at, "delivered")
        self.record(OrderDelivered(order=self.id, number=self.number, at=at))

    def must_be_cancellable(self) -> None:
        """Raises OrderNotCancellable once something of it was sent, or it is cancelled."""
        allowed = NEXT[self.status] - ({Status.CANCELLED} if self.shipments else set())
        if Status.CANCELLED not in allowed:
            raise OrderNotCancellable(self.status, Status.CANCELLED, sorted(allowed))

    def cancel(self, reason: str, at: datetime) -> None:
        """Raises OrderNotCancellable."""
        self.must_be_cancellable()
        self._end("cancelled", reason, at)

    def expire(self, at: datetime) -> None:
        """It was not paid in time. Raises IllegalTransition where it does not wait for that."""
        if self.status is not Status.PENDING:
            raise IllegalTransition(self.status, Status.CANCELLED)
        self._end(EXPIRED, UNPAID, at)

    def ask_refund(self, id: RefundId, wish: RefundWish, captured: Money, gone: Money, at: datetime) -> Refund:
        """Promise money that the gateway has yet to send. `gone` is what it has sent of the captured so far.

        Raises OrderNotRefundable, OrderLineNotFound, ExceedsRefundable; InvalidField where it is unclear what returns.
        """
        if not self.is_paid or self.status is Status.CANCELLED:
            raise OrderNotRefundable(self.status)
        rest = captured - max(gone, total((each.amount for each in self.refunds if each.counts), self.currency))
        items = refunded_by(wish, self.unrefunded, rest)
        amount = wish.amount or (worth_of(items, self.lines, self.unrefunded) if wish.items is not None else rest)
        if amount > rest or not (amount or any(items.values())):
            raise ExceedsRefundable(rest)
        refund = Refund(
            id=id, amount=amount, reason=wish.reason, asked_at=at, items=pieces(items), restock=wish.restock
        )
        self.refunds += (refund,)
        self._note(at, "refund_requested", str(amount))
        self.record(RefundAsked(order=self.id, number=self.number, refund=id, amount=amount.amount, at=at))
        return refund

    def end_refund(self, id: RefundId, state: RefundState, at: datetime) -> Demand:
        """The gateway sent it, or refused to. Answers with what returns to the shelf; again, with nothing."""
        ended = next(each for each in self.refunds if each.id == id)
        if ended.state is not RefundState.PENDING:
            return {}
        self.refunds = tuple(replace(each, state=state) if each is ended else each for each in self.refunds)
        if state is RefundState.FAILED:
            self._note(at, "refund_failed", str(ended.amount))
        self.record(RefundEnded(order=self.id, number=self.number, refund=id, state=state, at=at))
        if state is RefundState.DONE and self.shipments:
            self._complete(at)
        returns = state is RefundState.DONE and ended.restock and self.status is not Status.CANCELLED
        return in_stock(self.lines, ended.items) if returns else {}

    def refund(self, refunded: Money, at: datetime, *, returned: bool = False) -> None:
        """So much has gone back in all; or so much is left of it, where a bank did not take it."""
        self.payment_status = standing(refunded, self.total, is_paid=self.is_paid)
        self._note(at, RETURNED if returned else "refunded", str(refunded))
        kind, sums = RefundReturned if returned else OrderRefunded, (refunded.amount, refunded.currency)
        self.record(kind(order=self.id, number=self.number, refunded=sums[0], currency=sums[1], at=at))

    @property
    def times_returned(self) -> int:
        return sum(moment.event == RETURNED for moment in self.timeline)

    @property
    def _sent(self) -> list[tuple[Pieces, ...]]:
        return [shipment.items for shipment in self.shipments]

    @property
    def _done(self) -> list[Refund]:
        return [refund for refund in self.refunds if refund.state is RefundState.DONE]

    def _paid(self, payment: UUID | None, at: datetime) -> None:
        self.payment_status, self.paid_at = PaymentStatus.PAID, at
        self._note(at, "paid")
        self.record(OrderPaid(order=self.id, number=self.number, payment=payment, at=at))

    def _end(self, event: str, reason: str, at: datetime) -> None:
        self._become(Status.CANCELLED)
        self.cancelled_at = at
        self._note(at, event, reason)
        self.record(OrderCancelled(order=self.id, number=self.number, reason=reason, was_paid=self.is_paid, at=at))

    def _complete(self, at: datetime) -> None:
        """Shipped, once nothing is left to be sent; a refund that may still fail leaves something."""
        gone = [*self._sent, *(refund.items for refund in self._done)]
        if self.status is Status.PROCESSING and not any(left(self.lines, gone).values()):
            self._become(Status.SHIPPED)
            self.shipped_at = at

    def _become(self, status: Status, allowed: Transitions = NEXT) -> None:
        if status not in allowed[self.status]:
            raise IllegalTransition(self.status, status)
        self.status = status

    def _note(self, at: datetime, event: str, detail: str = "") -> None:
        self.timeline = (*self.timeline, Moment(at, event, detail))
