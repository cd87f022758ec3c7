"""Ordering: the order, its lines, what may follow what, and what happens to it."""

from domain.ordering.events import OrderCancelled, OrderId, OrderPaid, OrderPlaced, OrderRefunded, PaymentWasDeclined
from domain.ordering.lines import LineId, OrderLine
from domain.ordering.order import Moment, Order, OrderNotFound, Orders, Placement, PriceChanged
from domain.ordering.status import NEXT, IllegalTransition, OrderNotCancellable, PaymentStatus, Status

__all__ = [
    "NEXT",
    "IllegalTransition",
    "LineId",
    "Moment",
    "Order",
    "OrderCancelled",
    "OrderId",
    "OrderLine",
    "OrderNotCancellable",
    "OrderNotFound",
    "OrderPaid",
    "OrderPlaced",
    "OrderRefunded",
    "Orders",
    "PaymentStatus",
    "PaymentWasDeclined",
    "Placement",
    "PriceChanged",
    "Status",
]
