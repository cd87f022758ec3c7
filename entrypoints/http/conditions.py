"""Conditional requests (RFC 9110, 13): strong ETags of the form "<version>.<the rest>"."""

import re
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec

from application.catalog.views import Versioned
from entrypoints.http import scopes

V = TypeVar("V")

AnyRequest = Request[Any, Any, Any]

TAG = re.compile(r'(?:W/)?"([^"]*)"')
STRONG = re.compile(r'(?<!W/)"(\d{1,18})\.[^"]*"')
NOT_MODIFIED = {304: ResponseSpec(None, description="The caller has it already (If-None-Match).")}
KEEP = "private, no-cache"  # to be asked about each time


def shown(request: AnyRequest, found: Versioned[V]) -> Response[V]:
    """The view with its ETag; 304 and nothing where the caller has it already."""
    if is_known(found.version, scopes.header(request.scope, b"if-none-match")):
        return Response(None, status_code=304, headers=_headers(found))  # type: ignore[arg-type]
    return tagged(found)


def is_known(version: str, named: str) -> bool:
    """Whether If-None-Match names that version."""
    return bool(named) and (named.strip() == "*" or version in TAG.findall(named))


def tagged(found: Versioned[V], status: int = 200, location: str | None = None) -> Response[V]:
    """The view with its ETag."""
    headers = _headers(found) | ({"Location": location} if location else {})
    return Response(found.view, status_code=status, headers=headers)


def _headers(found: Versioned[Any]) -> dict[str, str]:
    return {"ETag": f'"{found.version}"', "Cache-Control": KEEP, "Vary": "Authorization"}


def meant_versions(request: AnyRequest) -> frozenset[int] | None:
    """The versions that If-Match allows; None where any will do. Weak tags, and none of ours, allow nothing."""
    wanted = scopes.header(request.scope, b"if-match").strip()
    if not wanted or wanted == "*":
        return None
    return frozenset(int(version) for version in STRONG.findall(wanted))
