"""Pictures that the shop serves itself: what it put among its media, and nothing else."""

from pathlib import Path
from typing import Any

from dishka import FromDishka
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from application.media import HERE, cache_control
from application.ports import Media
from entrypoints.http import scopes
from entrypoints.http.access import public

HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@get(f"{HERE}{{path:path}}", access=public, include_in_schema=False)
async def picture(path: FromPath[Path], request: Request[Any, Any, Any], media: FromDishka[Media]) -> Response[bytes]:
    key = path.as_posix().removeprefix("/")
    if (found := await media.get(key)) is None:
        raise NotFoundException
    headers = HEADERS | {"ETag": found.tag, "Cache-Control": cache_control(key)}
    if found.tag in scopes.header(request.scope, b"if-none-match"):
        return Response(b"", status_code=304, headers=headers)
    return Response(found.data, media_type=found.content_type, headers=headers)


routes: list[HTTPRouteHandler] = [picture]
