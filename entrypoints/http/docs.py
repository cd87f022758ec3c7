"""The API's documentation: the OpenAPI description, and the pages that show it with scripts from an installed wheel."""

import asyncio
import zlib
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Tag
from litestar.params import FromPath

from entrypoints.http import headers, scopes
from entrypoints.http.access import public
from entrypoints.http.health import VERSION
from entrypoints.http.schema import describe

SCHEMA = "/api/schema/"
WHEEL = distribution("drf-spectacular-sidecar")
INSIDE = "drf_spectacular_sidecar/static/drf_spectacular_sidecar"
SCRIPT, SHEET = "text/javascript", "text/css"
FILES = {
    "swagger-ui-bundle.js": ("swagger-ui-dist/swagger-ui-bundle.js", SCRIPT),
    "swagger-ui.css": ("swagger-ui-dist/swagger-ui.css", SHEET),
    "redoc.standalone.js": ("redoc/bundles/redoc.standalone.js", SCRIPT),
}
STARTS = {
    "swagger.js": f'SwaggerUIBundle({{url: "{SCHEMA}", dom_id: "#docs", deepLinking: true}});',
    "redoc.js": f'Redoc.init("{SCHEMA}", {{disableSearch: false}}, document.getElementById("docs"));',
}
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; frame-ancestors 'none'; base-uri 'none'"
)
FOR_GOOD = "public, max-age=31536000, immutable"  # the address names the version

TAGS = {
    "Accounts": "Registering, signing in, profiles.",
    "API keys": "How programs of others sign in: each call as `Authorization: Bearer tp_…`.",
    "Catalogue": "Products and categories.",
    "Cart": "What somebody means to buy.",
    "Orders": "What was bought.",
    "Payments": "How it is paid.",
    "Service": "Health.",
}


class Description(JsonRenderPlugin):
    """Serves the description at the root of its path; made at the first request."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.JSON)
        self._made: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._made is None:
            self._made = msgspec.json.encode(describe(request.app, openapi_schema))
        return self._made


def config() -> OpenAPIConfig:
    router = Router(
        SCHEMA, route_handlers=[], include_in_schema=False, opt={"access": public}, after_request=_no_page_of_its_own
    )
    return OpenAPIConfig(
        title="Tradepost",
        version=VERSION,
        description="A commerce backend. Errors are RFC 9457 problems; their codes are listed at /problems/.",
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        use_handler_docstrings=True,
        render_plugins=[Description()],
        openapi_router=router,
    )


def _no_page_of_its_own(response: Response[Any]) -> Response[Any]:
    """Litestar answers unknown paths below the description's with a page; here that is a problem like any other."""
    if response.status_code == 404:
        raise NotFoundException
    return response


@get("/api/docs", access=public, include_in_schema=False)
async def swagger() -> Response[str]:
    sheet = f'<link rel="stylesheet" href="{_address("swagger-ui.css")}">'
    return _page("Tradepost API", sheet, "swagger-ui-bundle.js", "swagger.js")


@get("/api/docs/redoc", access=public, include_in_schema=False)
async def redoc() -> Response[str]:
    return _page("Tradepost API reference", "<style>body { margin: 0 }</style>", "redoc.standalone.js", "redoc.js")


@get("/static/docs/{name:str}", access=public, include_in_schema=False)
async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    told = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    if name in STARTS:
        return Response(STARTS[name].encode(), media_type=SCRIPT, headers=told)
    if name not in FILES:
        raise NotFoundException
    path, media_type = FILES[name]
    packed = headers.takes_gzip(scopes.header(request.scope, b"accept-encoding").encode())
    body = await asyncio.to_thread(_packed if packed else _read, path)
    return Response(body, media_type=media_type, headers=told | ({"Content-Encoding": "gzip"} if packed else {}))


def _page(title: str, head: str, *scripts: str) -> Response[str]:
    tags = "".join(f'<script src="{_address(script)}"></script>' for script in scripts)
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="/favicon.ico">{head}'
        f'<div id="docs"></div>{tags}</html>'
    )
    return Response(html, media_type=MediaType.HTML, headers={"Content-Security-Policy": CSP})


def _address(name: str) -> str:
    return f"/static/docs/{name}?v={VERSION if name in STARTS else WHEEL.version}"


def _read(path: str) -> bytes:
    return Path(str(WHEEL.locate_file(f"{INSIDE}/{path}"))).read_bytes()


@cache
def _packed(path: str) -> bytes:
    return zlib.compress(_read(path), 6, wbits=31)


routes: list[HTTPRouteHandler] = [swagger, redoc, static]
