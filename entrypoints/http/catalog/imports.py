"""Product exports of other shops, and our own, uploaded for a worker to take over."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from dishka import FromDishka
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, QueryParameter
from multipart import parse_options_header  # type: ignore[import-untyped]

from application.importing.rows import ENCODINGS
from application.ports import PageRequest
from application.transfers.asking import RequestImport, ShowTransfers, Upload
from application.transfers.views import ImportView
from domain.accounts import Actor
from domain.transfers import TransferId
from entrypoints.http import scopes
from entrypoints.http.catalog.writing import MANAGERS
from entrypoints.http.conditions import AnyRequest
from entrypoints.http.forms import BESIDE_FILE, Form
from entrypoints.http.lists import Envelope, envelope
from entrypoints.http.problems import BadRequest, FieldError, wrong_field

TAGS = ["Import and export"]
LARGEST = 20 << 20  # bytes of the file
LIMITS = {"file": LARGEST, "dry_run": 5, "restock": 5, "encoding": 20, "file_name": 1020}
SWITCHES = {"true": True, "false": False, "1": True, "0": False}
CSV = frozenset({"text/csv", "application/csv"})

Encoding = Literal["utf-8", "utf-16", "windows-1252"]
FileName = Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
DryRun = Annotated[bool, QueryParameter(description="Say what would happen, and change nothing.")]
Restock = Annotated[bool, QueryParameter(description="Set the stock of products that exist already, too.")]
Written = Annotated[
    Encoding | None, QueryParameter(description="What the file is written in, if neither UTF-8 nor marked as UTF-16.")
]
Named = Annotated[str, QueryParameter(max_length=255, description="What to call the file in the list.")]

FILE = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="CSV of at most 20 MB.")
FORM = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "file": FILE,
        "dry_run": Schema(type=OpenAPIType.BOOLEAN, default=False),
        "restock": Schema(type=OpenAPIType.BOOLEAN, default=False),
        "encoding": Schema(type=OpenAPIType.STRING, enum=list(ENCODINGS)),
        "file_name": Schema(type=OpenAPIType.STRING, max_length=255),
    },
    required=["file"],
    additional_properties=False,
)


@dataclass
class TakesFile(Operation):
    """Says what the body is, which the handler reads by itself."""

    def __post_init__(self) -> None:
        kinds = {"multipart/form-data": OpenAPIMediaType(FORM), "text/csv": OpenAPIMediaType(FILE)}
        self.request_body = RequestBody(kinds, required=True)


class Told(msgspec.Struct):
    """What is said of the file, by the query or by a form."""

    dry_run: bool
    restock: bool
    encoding: Encoding
    file_name: FileName


async def product_file_of(
    request: Request[Any, Any, Any],
    dry_run: DryRun = False,
    restock: Restock = False,
    encoding: Written = None,
    file_name: Named = "",
) -> Upload:
    """The file as a form's field, or as the body itself."""
    media_type, options = parse_options_header(scopes.header(request.scope, b"content-type"))
    told: dict[str, Any] = {"dry_run": dry_run, "restock": restock, "file_name": file_name}
    if media_type in CSV:
        data = await request.body()
        if len(data) > LARGEST:
            raise BadRequest(413, "content-too-large")
        charset = options.get("charset", "utf-8").lower()
        if charset not in ENCODINGS:
            raise BadRequest(415, "unsupported-media-type")
        return _upload(data, told | {"encoding": encoding or charset})
    form = await Form("file", LIMITS).read(request)
    given = {name: _word(form, name) for name in form.parts if name != "file"}
    return _upload(bytes(form.given("file").data), told | {"encoding": encoding or "utf-8"} | given)


def _word(form: Form, name: str) -> str | bool:
    text = form.text(name)
    if name not in {"dry_run", "restock"}:
        return text
    if text.lower() not in SWITCHES:
        raise BadRequest(422, "validation-error", FieldError(f"/{name}", "invalid-choice", "must be true or false"))
    return SWITCHES[text.lower()]


def _upload(data: bytes, told: dict[str, Any]) -> Upload:
    try:
        fit = msgspec.convert(told, Told)
    except msgspec.ValidationError as error:
        raise BadRequest(422, "validation-error", wrong_field(error)) from error
    return Upload(data=data, **msgspec.structs.asdict(fit))


@post(
    "/api/products/imports",
    access=MANAGERS,
    tags=TAGS,
    summary="Import products from a CSV file",
    status_code=202,
    operation_class=TakesFile,
    request_max_body_size=LARGEST + BESIDE_FILE,
)
async def create_import(
    product_file: NamedDependency[Upload], who: NamedDependency[Actor], request_import: FromDishka[RequestImport]
) -> Response[ImportView]:
    """In Shopify's format, old or new, or as exported here; as a form's field `file`, or as the body itself. A worker
    takes it over, all that is right in it at once. Products are matched by their handles, so repeating it is safe."""
    view = await request_import(who, product_file)
    return Response(view, status_code=202, headers={"Location": f"/api/products/imports/{view.id}/"})


@get("/api/products/imports", access=MANAGERS, tags=TAGS, summary="List imports")
async def imports(
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    request: AnyRequest,
    show: FromDishka[ShowTransfers],
) -> Envelope[ImportView]:
    """The newest first, without their rows' errors and notes; those of the last seven days."""
    return envelope(await show.imports(who, page), request)


@get("/api/products/imports/{id:uuid}", access=MANAGERS, tags=TAGS, summary="An import")
async def import_(id: FromPath[UUID], who: NamedDependency[Actor], show: FromDishka[ShowTransfers]) -> ImportView:
    """How far it is, and what came of it."""
    return await show.import_(who, TransferId(id))


routes: list[HTTPRouteHandler] = [create_import, imports, import_]
