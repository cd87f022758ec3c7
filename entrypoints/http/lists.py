"""Lists on the wire: which page is wanted, and the envelope with its references."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Request
from litestar.params import QueryParameter

from application.ports import Page, PageRequest
from domain.errors import InvalidField

T = TypeVar("T")

PageSize = Annotated[int, QueryParameter(ge=1, le=100, description="How many results a page has.")]
Cursor = Annotated[str | None, QueryParameter(max_length=2048, description="From `next` or `previous` of a page.")]

Moment = Annotated[
    str | None,
    QueryParameter(max_length=64, schema_extra={"format": "date-time"}, description="RFC 3339."),
]
PLUS_AS_SPACE = re.compile(r" (?=\d\d:\d\d$)")  # of an offset that was not escaped


def read_moment(name: str, text: str | None) -> datetime | None:
    """The parameter in UTC, as which one without an offset is read too. Raises InvalidField for what is no moment."""
    if text is None:
        return None
    try:
        at = msgspec.convert(PLUS_AS_SPACE.sub("+", text), datetime)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidField(name, "invalid-format", "must be a moment such as 2026-11-22T10:00:00Z") from error


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
    path, query = request.scope["path"].rstrip("/"), request.scope["query_string"].decode("latin-1")
    if not query:
        return f"{path}/?cursor={cursor}"
    others = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "cursor"]
    return f"{path}/?{urlencode([*others, ('cursor', cursor)])}"
