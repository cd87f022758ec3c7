"""What a request may be like before any route hears of it: how it came, whom it names, how long it is, how slow."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, quote

from litestar.types import Receive

from entrypoints.http.headers import Raw
from entrypoints.http.problems import BadRequest, FieldError, Problem
from entrypoints.settings import Settings

HEALTH = ("/health", "/api/health_check")
NUL = b"%00"
LONGEST_QUERY = 8192  # bytes; a path has as many at most
MOST_PARAMETERS = 100
# Of these a second one would be read by some of us and not by others.
SINGLE = frozenset({b"host", b"authorization", b"content-type", b"idempotency-key", b"x-cart-token", b"x-request-id"})
HTTPS = b"https"
# A body may take so many seconds, and a second more for each so many bytes that have come.
BODY_WITHIN, BYTES_A_SECOND = 20.0, 16_384


@dataclass(frozen=True, slots=True)
class Bounds:
    """`origin` is where HTTP is sent on to; empty where it is welcome."""

    hosts: Callable[[bytes], bool]
    proxies: int
    origin: str = ""
    hsts: tuple[Raw, ...] = ()

    @classmethod
    def of(cls, settings: Settings, hosts: Callable[[bytes], bool]) -> "Bounds":
        promise = (b"strict-transport-security", f"max-age={settings.hsts}; includeSubDomains".encode())
        return cls(
            hosts,
            settings.trusted_proxies,
            origin=settings.public_base_url.rstrip("/") if settings.https_redirect else "",
            hsts=(promise,) if settings.hsts else (),
        )

    def objection(self, scope: Any, given: Mapping[bytes, bytes]) -> Problem | None:
        """Why no route should hear of it."""
        path: str = scope["path"]
        is_health = path.startswith(HEALTH)
        if len(given) < len(scope["headers"]) and _are_ambiguous(scope["headers"]):
            return Problem(400, "malformed-request")
        if not self.hosts(given.get(b"host", b"")) and not is_health:
            return Problem(400, "invalid-host")
        if len(path) > LONGEST_QUERY or len(scope["query_string"]) > LONGEST_QUERY:
            return Problem(414, "uri-too-long")
        if (not path.isascii() and not path.isprintable()) or "\0" in path:
            return Problem(404, "not-found")
        if self.origin and not is_health and not self.is_secure(scope):
            return self._only_by_https(scope)
        return _of_query(scope["query_string"])

    def is_secure(self, scope: Any) -> bool:
        """Whether it came by HTTPS, to us or to the outermost proxy of ours."""
        if not self.proxies:
            return bool(scope["scheme"] == "https")
        told = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        schemes = [part.strip().lower() for value in told for part in value.split(b",")]
        return bool(schemes) and schemes[-min(self.proxies, len(schemes))] == HTTPS

    def promise(self, scope: Any) -> Sequence[Raw]:
        """What only an answer over HTTPS may say (RFC 6797, 7.2)."""
        return self.hsts if self.hsts and self.is_secure(scope) else ()

    def _only_by_https(self, scope: Any) -> Problem:
        """Reading is sent on. What was sent in the open is refused, so that nobody goes on sending it so."""
        if scope["method"] != "GET":
            return Problem(403, "https-required")
        query = scope["query_string"].decode("latin-1")
        target = quote(scope["path"]) + (f"?{quote(query, safe=QUERY)}" if query else "")
        return Problem(308, "https-required", headers={"Location": f"{self.origin}/{target.lstrip('/')}"})


QUERY = "!$&'()*+,;=:@/?%-._~"


def _are_ambiguous(headers: Sequence[Raw]) -> bool:
    names = [name for name, _ in headers if name in SINGLE]
    return len(set(names)) < len(names)


def _of_query(query: bytes) -> Problem | None:
    if query.count(b"&") >= MOST_PARAMETERS:
        return Problem(422, "validation-error", [FieldError("", "too-many")])
    if NUL in query:
        told = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        names = [name.replace("\0", "") for name, value in told if "\0" in name + value]
        return Problem(422, "validation-error", [FieldError(name, "invalid-text") for name in names])
    return None


def patient(receive: Receive) -> Receive:
    """The body as it comes, for as long as it comes fast enough. Raises BadRequest then."""
    deadline, ended = monotonic() + BODY_WITHIN, False

    async def timed() -> Any:
        nonlocal deadline, ended
        if ended:  # what is waited for now is the caller's hanging up
            return await receive()
        try:
            async with asyncio.timeout(deadline - monotonic()):
                message: Any = await receive()
        except TimeoutError as error:
            raise BadRequest(408, "request-timeout", headers={"Connection": "close"}) from error
        deadline += len(message.get("body", b"")) / BYTES_A_SECOND
        ended = not message.get("more_body", False)
        return message

    return timed
