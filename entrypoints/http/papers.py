"""Papers on the wire: a page to print, or PDF for who asks for that."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dishka import FromDishka
from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import FromPath, FromQuery

from application.papers import Paper, Press, WriteInvoice, WritePackingSlip
from domain.accounts import Actor, Permission
from entrypoints.http.access import needs, own_or
from entrypoints.http.ordering import TAGS, named

PDF = "application/pdf"
PAGE = {200: ResponseSpec(str, generate_examples=False, media_type=MediaType.HTML, description="To be printed")}
FILE = {200: ResponseSpec(bytes, generate_examples=False, media_type=PDF, description="To be printed")}
CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


class Format(StrEnum):
    HTML = "html"
    PDF = "pdf"


@dataclass
class Printed(Operation):
    """Says that the page comes as PDF, too."""

    def __post_init__(self) -> None:
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse) and answer.content is not None:
            file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
            answer.content[PDF] = OpenAPIMediaType(file)


async def printed(request: Request[Any, Any, Any], press: Press, paper: Paper, form: Format | None) -> Response[Any]:
    """In the form that is named, else in the one that the caller likes best."""
    accepted = request.accept.best_match([MediaType.HTML, PDF], MediaType.HTML)
    if form is Format.PDF or (form is None and accepted == PDF):
        headers = {"Content-Disposition": f'inline; filename="{paper.kind}-{paper.number}.pdf"', "Vary": "Accept"}
        return Response(await press.pdf(paper), media_type=PDF, headers=headers)
    headers = {"Content-Security-Policy": CSP, "Vary": "Accept"}
    return Response(press.page(paper), media_type=MediaType.HTML, headers=headers)


@get(
    "/api/orders/orders/{reference:str}/invoice",
    access=own_or(Permission.READ_ORDERS),
    tags=TAGS,
    summary="Invoice",
    responses=PAGE,
    operation_class=Printed,
)
async def invoice(
    reference: FromPath[str],
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    write_invoice: FromDishka[WriteInvoice],
    press: FromDishka[Press],
    format: FromQuery[Format | None] = None,
) -> Response[Any]:
    """A page, or PDF by `Accept`, `format` or the suffix `.pdf`."""
    return await printed(request, press, await write_invoice(who, named(reference)), format)


@get(
    "/api/orders/orders/{reference:str}/invoice.pdf",
    access=own_or(Permission.READ_ORDERS),
    tags=TAGS,
    summary="Invoice as PDF",
    media_type=PDF,
    responses=FILE,
)
async def invoice_pdf(
    reference: FromPath[str],
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    write_invoice: FromDishka[WriteInvoice],
    press: FromDishka[Press],
) -> Response[Any]:
    return await printed(request, press, await write_invoice(who, named(reference)), Format.PDF)


@get(
    "/api/orders/orders/{reference:str}/packing-slip",
    access=needs(Permission.READ_ORDERS),
    tags=TAGS,
    summary="Packing slip",
    responses=PAGE,
    operation_class=Printed,
)
async def packing_slip(
    reference: FromPath[str],
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    write_packing_slip: FromDishka[WritePackingSlip],
    press: FromDishka[Press],
    format: FromQuery[Format | None] = None,
) -> Response[Any]:
    """What is still to be packed, without prices. A page, or PDF by `Accept`, `format` or the suffix `.pdf`."""
    return await printed(request, press, await write_packing_slip(who, named(reference)), format)


@get(
    "/api/orders/orders/{reference:str}/packing-slip.pdf",
    access=needs(Permission.READ_ORDERS),
    tags=TAGS,
    summary="Packing slip as PDF",
    media_type=PDF,
    responses=FILE,
)
async def packing_slip_pdf(
    reference: FromPath[str],
    request: Request[Any, Any, Any],
    who: NamedDependency[Actor],
    write_packing_slip: FromDishka[WritePackingSlip],
    press: FromDishka[Press],
) -> Response[Any]:
    return await printed(request, press, await write_packing_slip(who, named(reference)), Format.PDF)


routes: list[HTTPRouteHandler] = [invoice, invoice_pdf, packing_slip, packing_slip_pdf]
