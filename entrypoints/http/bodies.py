"""Bodies: strict JSON straight into the route's Struct, and every refusal with its pointer."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException

from entrypoints.http import scopes
from entrypoints.http.problems import BadRequest, FieldError, wrong_field

LIMIT = 1 << 20  # bytes
IS_JSON = re.compile(r"\s*application/(?:[\w.+-]+\+)?json\s*(?:;|$)", re.IGNORECASE)
# PostgreSQL stores neither NUL nor integers beyond 64 bits. What a cheap look cannot clear is looked at closely.
SUSPICIOUS = re.compile(rb"\\u0000|\d{19}")
INTEGERS = range(-(2**63), 2**63)
NOTHING = b"{}"
MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
DEEPEST = 64  # values within values
TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # a level down, a level up
FLAT = bytes(set(range(256)) - set(b"[]{}"))


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Base of every JSON body."""


class ShopRequest(Request[Any, Any, Any]):
    """Litestar's request, but its JSON is decoded once and strictly, and an absent body counts as `{}`."""

    async def body(self) -> bytes:
        try:
            raw = await super().body()
        except InternalServerException as gone:  # the caller hung up half-way: nobody reads the answer
            raise BadRequest(400, "malformed-request") from gone
        return raw or (NOTHING if self.route_handler.parsed_data_field else b"")

    async def json(self) -> Any:
        raw = await self.body()
        media_type = scopes.header(self.scope, b"content-type")
        if media_type and raw is not NOTHING and not IS_JSON.match(media_type):
            raise BadRequest(415, "unsupported-media-type")
        field = self.route_handler.parsed_data_field
        return decode(raw, field.annotation if field else Any)


def decode(raw: bytes, kind: Any) -> Any:
    """The body as that type. Raises BadRequest: 400 for what is no JSON, 422 for what does not fit."""
    _measure(raw)
    try:
        if SUSPICIOUS.search(raw) and (found := next(_unstorable(msgspec.json.decode(raw), ""), None)):
            raise BadRequest(422, "validation-error", found)
        return _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        _parse(raw)  # what is no JSON at all behind the wrong field is malformed first
        raise BadRequest(422, "validation-error", wrong_field(error)) from error
    except MALFORMED as error:
        raise BadRequest(400, "malformed-body") from error


def _measure(raw: bytes) -> None:
    """Raises BadRequest for what is nested too deeply. No step of it runs in Python."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return
    steps = memoryview(TEXTS.sub(b"", raw).translate(STEPS, FLAT)).cast("b")
    if max(accumulate(steps), default=0) > DEEPEST:
        raise BadRequest(400, "malformed-body")


def canonical(raw: bytes) -> bytes:
    """The same bytes for all bodies that are equal as JSON."""
    return msgspec.json.encode(msgspec.json.decode(raw), order="sorted")


def _parse(raw: bytes) -> None:
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except MALFORMED as error:
        raise BadRequest(400, "malformed-body") from error


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _unstorable(value: Any, pointer: str) -> Iterator[FieldError]:
    match value:
        case str() if "\x00" in value:
            yield FieldError(pointer, "invalid-text")
        case int() if value not in INTEGERS:
            yield FieldError(pointer, "out-of-range")
        case list():
            for index, item in enumerate(value):
                yield from _unstorable(item, f"{pointer}/{index}")
        case dict():
            for name, item in value.items():
                if "\x00" in name:
                    yield FieldError(pointer, "invalid-text")
                yield from _unstorable(item, f"{pointer}/{name}")
