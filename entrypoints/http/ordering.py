"""Orders on the wire."""

from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from application.cancelling import CancelOrder
from application.ordering import ListHistory, ListOrders, OrderFilters, OrderSummary, OrderView, Reference, ShowOrder
from application.ports import PageRequest
from domain.accounts import Actor, Permission, UserId
from domain.ordering import OrderId, PaymentStatus, Status
from entrypoints.http.access import own_or, signed_in
from entrypoints.http.bodies import Body
from entrypoints.http.conditions import shown
from entrypoints.http.lists import Envelope, Moment, envelope, read_moment

TAGS = ["Orders"]


class Cancel(Body, frozen=True):
    reason: Annotated[str, Meta(max_length=500)] = ""


def named(reference: str) -> Reference:
    """An id where it reads as one, else an order number."""
    try:
        return OrderId(UUID(reference))
    except ValueError:
        return reference


@get("/api/orders/orders", access=own_or(Permission.READ_ORDERS), tags=TAGS, summary="Orders")
async def list_(
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    list_orders: FromDishka[ListOrders],
    status: FromQuery[Status | None] = None,
    payment_status: FromQuery[PaymentStatus | None] = None,
    created_after: Moment = None,
    created_before: Moment = None,
    user: FromQuery[UUID | None] = None,
    q: Annotated[str | None, QueryParameter(max_length=254)] = None,
) -> Envelope[OrderSummary]:
    """Newest first: the caller's own; for order managers everybody's, by `user` or a part of number or e-mail (`q`)."""
    filters = OrderFilters(
        user=UserId(user) if user else None,
        q=q,
        statuses=[status] if status else None,
        payment_status=payment_status,
        created_after=read_moment("created_after", created_after),
        created_before=read_moment("created_before", created_before),
    )
    return envelope(await list_orders(who, filters, page), request)


@get("/api/orders/orders/history", access=signed_in, tags=TAGS, summary="Finished orders")
async def history(
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    list_history: FromDishka[ListHistory],
) -> Envelope[OrderSummary]:
    """The caller's own orders that were delivered or cancelled."""
    return envelope(await list_history(who, page), request)


@get(
    "/api/orders/orders/{reference:str}",
    access=own_or(Permission.READ_ORDERS, guest=True),
    tags=TAGS,
    summary="An order",
)
async def show(
    reference: FromPath[str],
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    show_order: FromDishka[ShowOrder],
) -> Response[OrderView]:
    """By id, or by order number."""
    return shown(request, await show_order(who, named(reference)))


@post(
    "/api/orders/orders/{reference:str}/cancel",
    access=own_or(Permission.WRITE_ORDERS, guest=True),
    leased=True,
    status_code=200,
    tags=TAGS,
    summary="Cancel",
)
async def cancel(
    reference: FromPath[str], data: JSONBody[Cancel], who: NamedDependency[Actor], cancel_order: FromDishka[CancelOrder]
) -> OrderView:
    """While it is pending or processing. Stock returns, and what was paid is refunded."""
    return await cancel_order(who, named(reference), data.reason)


routes: list[HTTPRouteHandler] = [list_, history, show, cancel]
