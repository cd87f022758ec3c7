"""Ordering: the order, its lines, what may follow what, and what happens to it."""

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
from domain.ordering.order import EXPIRED, UNPAID, Order
from domain.ordering.orders import Orders
from domain.ordering.placement import Moment, OrderNotFound, Placement, PriceChanged
from domain.ordering.refunds import (
    ExceedsRefundable,
    Refund,
    RefundId,
    RefundState,
    RefundWish,
    worth,
)
from domain.ordering.shipments import (
    ExceedsShippable,
    NothingToShip,
    OrderLineNotFound,
    Parcel,
    Pieces,
    Shipment,
    Wanted,
)
from domain.ordering.status import (
    NEXT,
    IllegalTransition,
    OrderNotCancellable,
    OrderNotRefundable,
    PaymentStatus,
    Status,
)

__all__ = [
    "EXPIRED",
    "NEXT",
    "UNPAID",
    "ExceedsRefundable",
    "ExceedsShippable",
    "IllegalTransition",
    "LineId",
    "Moment",
    "NothingToShip",
    "Order",
    "OrderCancelled",
    "OrderDelivered",
    "OrderId",
    "OrderLine",
    "OrderLineNotFound",
    "OrderNotCancellable",
    "OrderNotFound",
    "OrderNotRefundable",
    "OrderPaid",
    "OrderPlaced",
    "OrderRefunded",
    "OrderRevived",
    "OrderShipped",
    "Orders",
    "Parcel",
    "PaymentStatus",
    "PaymentWasDeclined",
    "Pieces",
    "Placement",
    "PriceChanged",
    "Refund",
    "RefundAsked",
    "RefundEnded",
    "RefundId",
    "RefundReturned",
    "RefundState",
    "RefundWish",
    "Shipment",
    "Status",
    "Wanted",
    "worth",
]
