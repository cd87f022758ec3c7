"""Forms with a file in them (multipart/form-data): few parts, each of bounded size, read as they arrive."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from entrypoints.http import scopes
from entrypoints.http.problems import BadRequest, FieldError

BESIDE_FILE = 1 << 16  # bytes that everything but the file may take
MOST_HEADERS, HEADER_LENGTH = 8, 2048


@dataclass(slots=True)
class Part:
    """One field as it came, and the media type that its sender claims for it."""

    data: bytearray
    claimed: str | None

    def text(self, name: str) -> str:
        """Raises BadRequest for what is no text."""
        try:
            told = self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _wrong(name, "invalid-text") from error
        if "\x00" in told:
            raise _wrong(name, "invalid-text")
        return told


@dataclass(slots=True)
class Form:
    """Takes the parts whose names `limits` has, at most so many bytes of each; `file` is the one that is no text."""

    file: str
    limits: Mapping[str, int]
    parts: dict[str, Part] = field(default_factory=dict)

    async def read(self, request: Request[Any, Any, Any]) -> "Form":
        """Raises BadRequest: 415 for another kind of body, 400 for a broken one, 413 or 422 for what does not fit."""
        media_type, options = parse_options_header(scopes.header(request.scope, b"content-type"))
        if media_type != "multipart/form-data":
            raise BadRequest(415, "unsupported-media-type")
        try:
            with _parser(options.get("boundary", "")) as parser:
                async for chunk in request.stream():
                    self._take(parser.parse(chunk) if chunk else iter(()))
        except ParserLimitReached as error:
            raise BadRequest(413, "content-too-large") from error
        except (MultipartError, UnicodeError) as error:
            raise BadRequest(400, "malformed-body") from error
        except InternalServerException as gone:  # the caller hung up half-way: nobody reads the answer
            raise BadRequest(400, "malformed-request") from gone
        return self

    def _take(self, events: Iterator[MultipartSegment | bytearray | bytes | None]) -> None:
        for event in events:
            if isinstance(event, MultipartSegment):
                self._begin(event.name or "", event.content_type)
            elif event is not None:
                self._go_on(event)

    def _begin(self, name: str, claimed: str | None) -> None:
        if name not in self.limits:
            raise _wrong(name, "unknown-field")
        if name in self.parts:
            raise _wrong(name, "too-many")
        self.parts[name] = Part(bytearray(), claimed)

    def _go_on(self, chunk: bytes | bytearray) -> None:
        name, part = next(reversed(self.parts.items()))
        part.data += chunk
        if len(part.data) > self.limits[name]:
            raise BadRequest(413, "content-too-large") if name == self.file else _wrong(name, "too-long")

    def given(self, name: str) -> Part:
        """Raises BadRequest where it is absent or empty."""
        part = self.parts.get(name)
        if part is None or not part.data:
            raise _wrong(name, "required")
        return part

    def text(self, name: str) -> str:
        part = self.parts.get(name)
        return part.text(name) if part else ""


def _parser(boundary: str) -> PushMultipartParser:
    return PushMultipartParser(boundary, max_header_size=HEADER_LENGTH, max_header_count=MOST_HEADERS)


def _wrong(name: str, code: str) -> BadRequest:
    return BadRequest(422, "validation-error", FieldError(f"/{name.replace('~', '~0').replace('/', '~1')}", code))
