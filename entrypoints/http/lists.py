"""Lists on the wire: which page is wanted, and the envelope with its references."""

from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Request
from litestar.params import QueryParameter

from application.ports import Page, PageRequest

T = TypeVar("T")

PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="How many results a page has.")]
Cursor = Annotated[str | None, QueryParameter(max_length=2048, description="From `next` or `previous` of a page.")]


class Envelope(msgspec.Struct, Generic[T]):
    """One page of a list. `next` and `previous` are path-and-query references."""

    next: str | None
    previous: str | None
    results: list[T]


def page_of(request: Request[Any, Any, Any], page_size: PageSize = 20, cursor: Cursor = None) -> PageRequest:
    return PageRequest(page_size, cursor)


def envelope(page: Page[T], request: Request[Any, Any, Any]) -> Envelope[T]:
    return Envelope(_reference(page.next, request), _reference(page.previous, request), page.results)


def _reference(cursor: str | None, request: Request[Any, Any, Any]) -> str | None:
    """This request's path and query with another cursor."""
    if cursor is None:
        return None
    query = request.scope["query_string"].decode("latin-1")
    others = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "cursor"]
    return f"{request.scope['path'].rstrip('/')}/?{urlencode([*others, ('cursor', cursor)])}"
