"""Payments on the wire, with the sandbox's stand-in for the browser."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from dishka import FromDishka
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from application.payments import ConfirmInSandbox, CreateIntent, IntentView, ListPayments, PaymentView, ShowPayment
from application.ports import PageRequest
from domain.accounts import Actor, Permission
from domain.ordering import OrderId
from domain.payments import PaymentId, PaymentState
from entrypoints.http.access import buyers, own_or
from entrypoints.http.bodies import Body
from entrypoints.http.lists import Envelope, envelope

TAGS = ["Payments"]


class NewIntent(Body, frozen=True):
    order_id: UUID


class Confirmation(Body, frozen=True):
    """`card` is one of the sandbox's test numbers."""

    payment_intent_id: Annotated[str, Meta(max_length=255)]
    card: Annotated[str, Meta(max_length=32)]


class Confirmed(msgspec.Struct):
    payment_intent_id: str
    status: PaymentState


@post(
    "/api/payments/payments/create_intent",
    access=buyers,
    leased=True,
    secret=True,
    status_code=200,
    tags=TAGS,
    summary="Begin to pay",
)
async def create_intent(
    data: JSONBody[NewIntent], who: NamedDependency[Actor], create: FromDishka[CreateIntent]
) -> IntentView:
    """One live intent per order: a second call answers with the same."""
    return await create(who, OrderId(data.order_id))


@get("/api/payments/payments", access=own_or(Permission.READ_PAYMENTS), tags=TAGS, summary="Payments")
async def list_(
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    list_payments: FromDishka[ListPayments],
) -> Envelope[PaymentView]:
    return envelope(await list_payments(who, page), request)


@get(
    "/api/payments/payments/{payment_id:uuid}", access=own_or(Permission.READ_PAYMENTS), tags=TAGS, summary="A payment"
)
async def show(
    payment_id: FromPath[UUID], who: NamedDependency[Actor], show_payment: FromDishka[ShowPayment]
) -> PaymentView:
    return await show_payment(who, PaymentId(payment_id))


@post(
    "/api/payments/sandbox/confirm",
    access=buyers,
    leased=True,
    status_code=200,
    tags=TAGS,
    summary="Pay in the sandbox",
)
async def confirm(
    data: JSONBody[Confirmation], who: NamedDependency[Actor], confirm_in_sandbox: FromDishka[ConfirmInSandbox]
) -> Confirmed:
    """What Stripe's scripts do in a browser, for as long as there is no Stripe."""
    return Confirmed(data.payment_intent_id, await confirm_in_sandbox(who, data.payment_intent_id, data.card))


routes: list[HTTPRouteHandler] = [create_intent, list_, show, confirm]
