"""Orders as they are looked at."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from application.catalog.views import Versioned
from application.ports import Page, PageRequest
from domain.accounts import Actor, Permission, UserId, may
from domain.money import Money, total
from domain.ordering import Order, OrderId, OrderLine, OrderNotFound, PaymentStatus, Shipment, Status
from domain.rates import spelt

Reference = OrderId | str  # an order's id, or its number

FINISHED = [Status.DELIVERED, Status.CANCELLED]


class OrderLineView(msgspec.Struct, frozen=True):
    id: UUID
    product: UUID
    variant: UUID | None
    product_name: str
    variant_name: str
    sku: str
    quantity: int
    unit_price: str
    discount_amount: str
    tax_amount: str
    total: str
    tax_rate: str | None
    included_tax_amount: str


class AddressView(msgspec.Struct, frozen=True):
    full_name: str
    phone_number: str
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str


class PiecesView(msgspec.Struct, frozen=True):
    """So many of the order's item with that id."""

    id: UUID
    quantity: int


class ShipmentView(msgspec.Struct, frozen=True):
    tracking_number: str
    carrier: str
    items: list[PiecesView]
    shipped_at: datetime


class MomentView(msgspec.Struct, frozen=True):
    at: datetime
    event: str
    detail: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    order_number: str
    user: UUID | None
    email: str
    status: Status
    payment_status: PaymentStatus
    items: list[OrderLineView]
    subtotal: str
    discount_amount: str
    tax_amount: str
    shipping_cost: str
    total_amount: str
    currency: str
    coupon: str | None = None
    shipping_method: str
    shipping_method_name: str
    prices_include_tax: bool
    included_tax_amount: str
    shipping_address: AddressView
    billing_address: AddressView
    customer_notes: str
    shipments: list[ShipmentView] = []
    timeline: list[MomentView]
    created_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None


class OrderSummary(msgspec.Struct, frozen=True):
    """An order as lists show it."""

    id: UUID
    order_number: str
    status: Status
    payment_status: PaymentStatus
    total_amount: str
    currency: str
    items_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilters:
    """`statuses` None means all; times are compared with the order's creation, `before` exclusive.

    `user` and `q` (a part of the order's number or e-mail address) are for staff.
    """

    user: UserId | None = None
    q: str | None = None
    statuses: list[Status] | None = None
    payment_status: PaymentStatus | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


class OrderViews(Protocol):
    """Reads orders for looking at."""

    async def find(self, reference: Reference) -> Order | None:
        """By id, or by order number."""
        ...

    async def list(self, filters: OrderFilters, page: PageRequest) -> Page[OrderSummary]:
        """Newest first; everybody's where the filters name no user."""
        ...


def order_view(order: Order) -> OrderView:
    """The one way from an order to what is shown of it."""
    placement = order.placement
    included = [placement.included_tax(line) for line in order.lines]
    return OrderView(
        id=order.id,
        order_number=order.number,
        user=placement.user,
        email=placement.email,
        status=order.status,
        payment_status=order.payment_status,
        items=[_line_view(line, within) for line, within in zip(order.lines, included, strict=True)],
        subtotal=str(order.subtotal),
        discount_amount=str(order.discount),
        tax_amount=str(order.tax),
        shipping_cost=str(order.shipping),
        total_amount=str(order.total),
        currency=order.currency,
        coupon=placement.coupon,
        shipping_method=placement.shipping_method,
        shipping_method_name=placement.shipping_name,
        prices_include_tax=placement.tax_included,
        included_tax_amount=str(total(included, order.currency)),
        shipping_address=msgspec.convert(placement.shipping_address, AddressView, from_attributes=True),
        billing_address=msgspec.convert(placement.billing_address, AddressView, from_attributes=True),
        customer_notes=placement.customer_notes,
        shipments=[_shipment_view(shipment) for shipment in order.shipments],
        timeline=[MomentView(moment.at, moment.event, moment.detail) for moment in order.timeline],
        created_at=order.created_at,
        paid_at=order.paid_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
    )


def _shipment_view(shipment: Shipment) -> ShipmentView:
    items = [PiecesView(each.line, each.quantity) for each in shipment.items]
    return ShipmentView(shipment.tracking_number, shipment.carrier, items, shipment.shipped_at)


def _line_view(line: OrderLine, included_tax: Money) -> OrderLineView:
    return OrderLineView(
        line.id,
        line.product,
        line.variant,
        line.product_name,
        line.variant_name,
        line.sku,
        line.quantity,
        str(line.unit_price),
        str(line.discount),
        str(line.tax),
        str(line.total),
        None if line.tax_rate is None else spelt(line.tax_rate),
        str(included_tax),
    )


def visible(order: Order | None, who: Actor, permission: Permission = Permission.READ_ORDERS) -> Order:
    """The order, if it is theirs (a guest holds its token) or they may. Raises OrderNotFound, for others' too."""
    if order is None:
        raise OrderNotFound
    if not (who.holds(order.placement.guest) or who.owns(order.placement.user) or may(who, permission)):
        raise OrderNotFound
    return order


@dataclass(frozen=True, slots=True)
class ShowOrder:
    orders: OrderViews

    async def __call__(self, who: Actor, reference: Reference) -> Versioned[OrderView]:
        order = visible(await self.orders.find(reference), who)
        return Versioned(order_view(order), str(order.version))


@dataclass(frozen=True, slots=True)
class ListOrders:
    """A customer sees their own orders, staff everybody's."""

    orders: OrderViews

    async def __call__(self, who: Actor, filters: OrderFilters, page: PageRequest) -> Page[OrderSummary]:
        if not may(who, Permission.READ_ORDERS):
            filters = replace(filters, user=who.must_be_user(), q=None)
        return await self.orders.list(filters, page)


@dataclass(frozen=True, slots=True)
class ListHistory:
    """The caller's own finished orders."""

    orders: OrderViews

    async def __call__(self, who: Actor, page: PageRequest) -> Page[OrderSummary]:
        return await self.orders.list(OrderFilters(user=who.must_be_user(), statuses=FINISHED), page)
