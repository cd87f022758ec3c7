"""The catalogue as a CSV file, which a worker writes and staff download."""

from uuid import UUID

from dishka import FromDishka
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.response import Stream

from application.ports import PageRequest
from application.transfers.asking import RequestExport, ShowTransfers
from application.transfers.running import ReadExport
from application.transfers.views import ExportView
from domain.accounts import Actor
from domain.transfers import TransferId
from entrypoints.http.catalog.imports import TAGS
from entrypoints.http.catalog.writing import MANAGERS
from entrypoints.http.conditions import AnyRequest
from entrypoints.http.lists import Envelope, envelope

MEDIA_TYPE = "text/csv"
FILE = {200: ResponseSpec(bytes, generate_examples=False, media_type=MEDIA_TYPE, description="The file")}


@post("/api/products/exports", access=MANAGERS, tags=TAGS, summary="Export all products to a CSV file", status_code=202)
async def create_export(who: NamedDependency[Actor], request_export: FromDishka[RequestExport]) -> Response[ExportView]:
    """In Shopify's format, with columns of our own for what that cannot say: imported again, it makes the same
    catalogue. What was deleted is not in it; what is inactive is a draft."""
    view = await request_export(who)
    return Response(view, status_code=202, headers={"Location": f"/api/products/exports/{view.id}/"})


@get("/api/products/exports", access=MANAGERS, tags=TAGS, summary="List exports")
async def exports(
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    request: AnyRequest,
    show: FromDishka[ShowTransfers],
) -> Envelope[ExportView]:
    """The newest first; those of the last seven days."""
    return envelope(await show.exports(who, page), request)


@get("/api/products/exports/{id:uuid}", access=MANAGERS, tags=TAGS, summary="An export")
async def export(id: FromPath[UUID], who: NamedDependency[Actor], show: FromDishka[ShowTransfers]) -> ExportView:
    """How far it is, and where the file is."""
    return await show.export(who, TransferId(id))


@get(
    "/api/products/exports/{id:uuid}/file",
    access=MANAGERS,
    tags=TAGS,
    summary="The file of an export",
    media_type=MEDIA_TYPE,
    responses=FILE,
)
async def export_file(id: FromPath[UUID], who: NamedDependency[Actor], read: FromDishka[ReadExport]) -> Stream:
    """409 while there is none."""
    found, pieces = await read(who, TransferId(id))
    headers = {
        "Content-Disposition": f'attachment; filename="products-{found.created_at:%Y-%m-%d-%H%M}.csv"',
        "Cache-Control": "private, no-store",
    }
    return Stream(pieces, media_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)


routes: list[HTTPRouteHandler] = [create_export, exports, export, export_file]
