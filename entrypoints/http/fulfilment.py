"""What staff do with an order, on the wire: sent, delivered, refunded."""

from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from application.catalog.bulk import BulkOutcomes
from application.many_orders import BulkOrders, ChangeOrders
from application.money import Amount, read_amount
from application.ordering import OrderView
from application.payments import PaymentView
from application.ports import Currency
from application.refunding import RefundOrder, RefundPayment
from application.shipping import DeliverOrder, ShipOrder
from domain.accounts import Actor, Permission
from domain.cart import MAX_QUANTITY
from domain.errors import InvalidField
from domain.money import Money
from domain.ordering import LineId, Parcel, RefundWish, Wanted
from domain.payments import PaymentId
from entrypoints.http.access import needs
from entrypoints.http.bodies import Body
from entrypoints.http.ordering import TAGS, named
from entrypoints.http.payments import TAGS as PAYMENT_TAGS

Label = Annotated[str, Meta(max_length=100)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class PiecesBody(Body, frozen=True):
    """So many of the order's item with that id."""

    id: UUID
    quantity: Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]


Items = Annotated[list[PiecesBody], Meta(min_length=1, max_length=1000)]


class Ship(Body, frozen=True):
    """Without `items` all that is left."""

    tracking_number: Label = ""
    carrier: Label = ""
    items: Items | UnsetType = UNSET

    @property
    def parcel(self) -> Parcel:
        return Parcel(items=_wanted(self.items), tracking_number=self.tracking_number, carrier=self.carrier)


class Deliver(Body, frozen=True):
    pass


class RefundPaymentBody(Body, frozen=True):
    """Without `amount` all that is left."""

    reason: Reason
    amount: Amount | UnsetType = UNSET

    def wish(self, currency: str) -> RefundWish:
        """Raises InvalidField."""
        return RefundWish(reason=self.reason, amount=_amount(self.amount, currency))


class Refund(RefundPaymentBody, frozen=True):
    """An amount, or pieces with their tax, or with neither all that is left; `restock` returns the pieces to stock."""

    items: Items | UnsetType = UNSET
    restock: bool = False

    def wish(self, currency: str) -> RefundWish:
        """Raises InvalidField."""
        if self.amount is not UNSET and self.items is not UNSET:
            raise InvalidField("/items", "not-both", "must not stand beside amount")
        amount, items = _amount(self.amount, currency), _wanted(self.items)
        return RefundWish(reason=self.reason, amount=amount, items=items, restock=self.restock)


def _wanted(items: list[PiecesBody] | UnsetType) -> Wanted | None:
    """An item that is named twice is wanted twice."""
    if items is UNSET:
        return None
    wanted: dict[LineId, int] = {}
    for each in items:
        wanted[LineId(each.id)] = wanted.get(LineId(each.id), 0) + each.quantity
    return wanted


def _amount(amount: Amount | UnsetType, currency: str) -> Money | None:
    if amount is UNSET:
        return None
    money = read_amount(amount, currency, "/amount")
    if not money:
        raise InvalidField("/amount", "out-of-range", "must be more than nothing")
    return money


@post(
    "/api/orders/orders/{reference:str}/ship",
    access=needs(Permission.WRITE_ORDERS),
    status_code=200,
    tags=TAGS,
    summary="Send",
)
async def ship(
    reference: FromPath[str], data: JSONBody[Ship], who: NamedDependency[Actor], ship_order: FromDishka[ShipOrder]
) -> OrderView:
    """All that is left, or a part: it stays `processing` until all is sent."""
    return await ship_order(who, named(reference), data.parcel)


@post(
    "/api/orders/orders/{reference:str}/deliver",
    access=needs(Permission.WRITE_ORDERS),
    status_code=200,
    tags=TAGS,
    summary="Mark as delivered",
)
async def deliver(
    reference: FromPath[str],
    data: JSONBody[Deliver],
    who: NamedDependency[Actor],
    deliver_order: FromDishka[DeliverOrder],
) -> OrderView:
    """Once all of it was shipped."""
    return await deliver_order(who, named(reference))


@post(
    "/api/orders/orders/{reference:str}/refund",
    access=needs(Permission.REFUND),
    leased=True,
    status_code=200,
    tags=TAGS,
    summary="Refund an order",
)
async def refund(
    reference: FromPath[str],
    data: JSONBody[Refund],
    who: NamedDependency[Actor],
    currency: FromDishka[Currency],
    refund_order: FromDishka[RefundOrder],
) -> OrderView:
    """Of a paid order, never more than was paid. Pieces that were not sent yet are refunded first, and not sent."""
    return await refund_order(who, named(reference), data.wish(currency))


@post(
    "/api/payments/payments/{payment_id:uuid}/refund",
    access=needs(Permission.REFUND),
    leased=True,
    status_code=200,
    tags=PAYMENT_TAGS,
    summary="Refund a payment",
)
async def refund_payment(
    payment_id: FromPath[UUID],
    data: JSONBody[RefundPaymentBody],
    who: NamedDependency[Actor],
    currency: FromDishka[Currency],
    refund_payment: FromDishka[RefundPayment],
) -> PaymentView:
    """The same as refunding its order."""
    return await refund_payment(who, PaymentId(payment_id), data.wish(currency))


@post(
    "/api/orders/orders/bulk",
    access=needs(Permission.WRITE_ORDERS),
    leased=True,
    status_code=200,
    tags=TAGS,
    summary="Change many orders",
)
async def change_many(
    data: JSONBody[BulkOrders], who: NamedDependency[Actor], change_orders: FromDishka[ChangeOrders]
) -> BulkOutcomes:
    """Each with an outcome of its own; an order that is named twice counts once."""
    return await change_orders(who, data)


routes: list[HTTPRouteHandler] = [ship, deliver, refund, refund_payment, change_many]
