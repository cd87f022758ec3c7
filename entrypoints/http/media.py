"""Local pictures: what the shop itself put under DATA_DIR/media, and nothing else."""

import asyncio
import re
from pathlib import Path
from typing import Any

from dishka import FromDishka
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from entrypoints.http import scopes
from entrypoints.http.access import public
from entrypoints.settings import Settings

KEY = re.compile(r"/?((?:[\w-][\w.-]{0,127}/){0,8}[\w-][\w.-]{0,127})", re.ASCII)
TYPES = {".webp": "image/webp", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@get("/media/{path:path}", access=public, include_in_schema=False)
async def picture(
    path: FromPath[Path], request: Request[Any, Any, Any], settings: FromDishka[Settings]
) -> Response[bytes]:
    key = KEY.fullmatch(path.as_posix())
    media_type = TYPES.get(path.suffix.lower())
    if key is None or media_type is None:
        raise NotFoundException
    tag, data = await asyncio.to_thread(_read, settings.data_dir / "media", key[1])
    headers = HEADERS | {"ETag": tag}
    if tag in scopes.header(request.scope, b"if-none-match"):
        return Response(b"", status_code=304, headers=headers)
    return Response(data, media_type=media_type, headers=headers)


def _read(root: Path, key: str) -> tuple[str, bytes]:
    """The file's ETag and bytes. What a link leads to outside of `root` is not found."""
    path = (root / key).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise NotFoundException
    about = path.stat()
    return f'"{about.st_mtime_ns:x}-{about.st_size:x}"', path.read_bytes()


routes: list[HTTPRouteHandler] = [picture]
