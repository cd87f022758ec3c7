"""Errors on the wire: application/problem+json (RFC 9457), one dictionary from kind to status."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from application.idempotency import RequestInProgress
from application.limits.quotas import TooMany
from application.ports import Busy, PreconditionFailed, StaleWrite, Unavailable, UnsupportedImage
from domain.accounts import NotAuthenticated
from domain.errors import Conflict, Declined, DomainError, Forbidden, Invalid, InvalidField, NotFound
from entrypoints.http import messages
from entrypoints.http.scopes import header, request_id

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = {"Retry-After": "1"}
CHALLENGE = {"WWW-Authenticate": "Bearer"}
UNPROCESSABLE = 422

STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: UNPROCESSABLE,
    Conflict: 409,
    Declined: 402,
    NotAuthenticated: 401,
    UnsupportedImage: 415,
    StaleWrite: 409,
    PreconditionFailed: 412,
    TooMany: 429,
    Busy: 503,
    Unavailable: 503,
}
CODES = {
    400: "malformed-request",
    401: "not-authenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    408: "request-timeout",
    412: "precondition-failed",
    413: "content-too-large",
    414: "uri-too-long",
    415: "unsupported-media-type",
    UNPROCESSABLE: "validation-error",
    429: "too-many-requests",
    500: "internal-error",
}
WIRE_CODES = {code: status for status, code in CODES.items()} | {
    "malformed-body": 400,
    "invalid-host": 400,
    "https-required": 403,
    "idempotency-key-invalid": UNPROCESSABLE,
    "request-in-progress": 409,
    "busy": 503,
    "unavailable": 503,
}
SAYS_WHICH = re.compile(r"Missing required \w+ parameter '([^']+)'")


class FieldError(msgspec.Struct, frozen=True):
    """One thing that is wrong with the input; `pointer` is a JSON pointer into the body, or a parameter's name."""

    pointer: str
    code: str
    message: str = ""


class BadRequest(Exception):
    """The request was refused before a use case heard of it."""

    def __init__(self, status: int, code: str, *errors: FieldError, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.errors, self.headers = status, code, errors, headers or {}


@dataclass(frozen=True, slots=True)
class Problem:
    status: int
    code: str
    errors: Sequence[FieldError] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def headers_in(self, language: str) -> dict[str, str]:
        return {"Content-Language": language, "Vary": "Accept-Language", **self.headers}

    def body(self, language: str, trace_id: str) -> bytes:
        title = messages.problem(self.code, language)
        errors = [FieldError(e.pointer, e.code, messages.field(e.code, language, e.message)) for e in self.errors]
        detail = "; ".join(f"{error.pointer or '/'}: {error.message}" for error in errors) or title
        return msgspec.json.encode(
            {
                "type": f"/problems/{self.code}",
                "title": title,
                "status": self.status,
                "detail": detail,
                "code": self.code,
                "trace_id": trace_id,
                **({"errors": errors} if errors else {}),
                **{name: value for name, value in self.facts.items() if name not in RESERVED},
            }
        )


RESERVED = {"type", "title", "status", "detail", "code", "trace_id", "errors"}


def of(error: Exception) -> Problem:
    """The problem that tells of this error; what we did not foresee is an internal one."""
    match error:
        case BadRequest():
            return Problem(error.status, error.code, error.errors, headers=error.headers)
        case InvalidField():
            wrong = FieldError(error.pointer, error.reason, error.message)
            return Problem(UNPROCESSABLE, error.code, [wrong])
        case NotAuthenticated():
            return Problem(401, error.code, facts=error.facts, headers=CHALLENGE)
        case DomainError() if status := status_of(type(error)):
            return Problem(status, error.code, facts=error.facts)
        case TooMany() | Unavailable() | Busy():
            return _of_the_moment(error)
        case StaleWrite() | PreconditionFailed():
            status = STATUS[type(error)]
            return Problem(status, CODES[status])
        case ValidationException():
            return _of_parameters(error)
        case HTTPException():
            return _of_wire(error)
    return Problem(500, "internal-error")


def _of_the_moment(error: TooMany | Unavailable | Busy) -> Problem:
    """What may work a little later."""
    match error:
        case TooMany():
            quota, wait = error.quota, error.retry_after
            policy, left = f'"{quota.name}";q={quota.limit};w={quota.window}', f'"{quota.name}";r=0;t={wait}'
            told = {"Retry-After": str(wait), "RateLimit-Policy": policy, "RateLimit": left}
            return Problem(429, CODES[429], headers=told)
        case Unavailable():
            return Problem(503, "unavailable", facts={"part": error.part}, headers=RETRY_AFTER)
        case RequestInProgress():
            return Problem(409, "request-in-progress", headers=RETRY_AFTER)
        case Busy():
            return Problem(503, "busy", headers=RETRY_AFTER)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's handler of every exception."""
    return render(request, told(error, request.scope.get("path_template", "request")))


def told(error: Exception, where: str) -> Problem:
    """The problem; one that is our fault is logged, too."""
    problem = of(error)
    if problem.status == 500:
        logger.error("%s failed", where, exc_info=error)
    return problem


def render(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    language = messages.preferred(header(request.scope, b"accept-language"))
    body = problem.body(language, request_id(request.scope))
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers_in(language))


def status_of(kind: type[DomainError]) -> int | None:
    return next((STATUS[base] for base in kind.__mro__ if base in STATUS), None)


def _of_parameters(error: ValidationException) -> Problem:
    """Litestar could not make the handler's arguments of the path, the query or the headers."""
    if which := SAYS_WHICH.match(error.detail):
        return Problem(UNPROCESSABLE, "validation-error", [FieldError(which[1], "required")])
    told = [entry for entry in error.extra or () if isinstance(entry, dict)]
    if any(entry.get("source") == "path" for entry in told):
        return Problem(404, "not-found")
    errors = [FieldError(entry.get("key", ""), _reason(entry.get("message", ""))) for entry in told]
    return Problem(UNPROCESSABLE, "validation-error", errors)


def _of_wire(error: HTTPException) -> Problem:
    code = CODES.get(error.status_code, "internal-error")
    if code == "internal-error":
        return Problem(500, code)
    headers = {name.title(): value for name, value in (error.headers or {}).items()}
    if error.status_code == 405:
        headers["Allow"] = allowed(headers.get("Allow", ""))
    return Problem(error.status_code, code, headers=headers)


def allowed(methods: str) -> str:
    """The methods of a path as the header names them: HEAD goes wherever GET does."""
    named = {method.strip() for method in methods.split(",") if method.strip()}
    return ", ".join(sorted(named | ({"HEAD"} if "GET" in named else set()) | {"OPTIONS"}))


# -- what msgspec says

WORDINGS = (
    (re.compile(r"Object missing required"), "required"),
    (re.compile(r"Object contains unknown field"), "unknown-field"),
    (re.compile(r"of length >"), "too-short"),
    (re.compile(r"of length <"), "too-long"),
    (re.compile(r"Expected `\w+` [<>]|out of range|multiple of"), "out-of-range"),
    (re.compile(r"Invalid enum value|Invalid value"), "invalid-choice"),
    (re.compile(r"matching regex|^Invalid "), "invalid-format"),
    (re.compile(r"Expected `"), "invalid-type"),
)
NAMED_FIELD = re.compile(r"^Object (?:missing required|contains unknown) field `([^`]*)`")
PLACE = re.compile(r" - at `\$(.*)`$")
STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def wrong_field(error: msgspec.ValidationError) -> FieldError:
    """msgspec's sentence as a pointer and a code."""
    text = str(error)
    place = PLACE.search(text)
    # What is below a key of a mapping is not named by msgspec: point at the mapping.
    path = place[1].partition("[...]")[0] if place else ""
    pointer = "".join(f"/{name or index}" for name, index in STEP.findall(path))
    if named := NAMED_FIELD.match(text):
        pointer = f"{pointer}/{named[1]}"
    return FieldError(pointer, _reason(text))


def _reason(text: str) -> str:
    return next((code for wording, code in WORDINGS if wording.search(text)), "invalid-value")
