"""Idempotency on the wire: the key of a request, and the answers that are kept under one."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from application.idempotency import Answer, AnswerOnce, Memory, Once, replay
from application.retrying import retried
from domain.accounts import Actor
from domain.errors import Conflict, Declined
from entrypoints.http import messages, problems, scopes
from entrypoints.http.access import OPTION, public
from entrypoints.http.bodies import canonical
from entrypoints.http.guests import NAME, Shopper

VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = {"Idempotent-Replayed": "true"}
KEPT = (Conflict, Declined)  # refusals that are outcomes of the business
HEADER = b"idempotency-key"
CHANGING = {"POST", "PATCH", "DELETE"}
UNKEYED = "/api/auth/"
UPLOADS = ("upload", "product_file")  # parameters that hold what was read of a form

AnyRequest = Request[Any, Any, Any]


def takes_key(route: HTTPRouteHandler) -> bool:
    """Whatever changes something; a route that only looks like it says `changes=False`."""
    if not CHANGING & set(route.http_methods) or route.opt[OPTION] is public:
        return False
    return bool(route.opt.get("changes", True)) and not any(path.startswith(UNKEYED) for path in route.paths)


def has_key(request: AnyRequest) -> bool:
    return any(name == HEADER for name, _ in request.scope["headers"])


async def once_of(request: AnyRequest) -> Once | None:
    """What makes this request the same as an earlier one; None where no key is given, or nobody asks."""
    key = _key(request)
    return _once(request, *key, canonical(await request.body())) if key else None


def _key(request: AnyRequest) -> tuple[str, str] | None:
    """With whose it is."""
    actor = _actor(scopes.actor(request.scope))
    if actor is None or (key := request.headers.get("idempotency-key")) is None:
        return None
    if not VISIBLE.fullmatch(key):
        raise problems.BadRequest(422, "idempotency-key-invalid")
    return actor, key


def _actor(who: Actor) -> str | None:
    """To whom a key belongs: a user, a program, or who holds a cart's token."""
    return who.name or (f"guest:{who.guest.hex()}" if who.guest is not None else None)


def _once(request: AnyRequest, actor: str, key: str, content: bytes) -> Once:
    query = request.scope["query_string"].decode("latin-1")
    return Once(
        actor=actor,
        key=key,
        route=f"{request.method} {request.scope['path']}{'?' if query else ''}{query}",
        fingerprint=hashlib.sha256(content).digest(),
        status=request.route_handler.status_code,
        secret=bool(request.route_handler.opt.get("secret")),
    )


@dataclass(frozen=True, slots=True)
class Keyed:
    """Answers a route under a key. One that asks other parties than the store says `leased=True`."""

    route: HTTPRouteHandler
    frame: AnswerOnce

    async def __call__(
        self, request: AnyRequest, act: Callable[[], Awaitable[Any]], given: dict[str, Any]
    ) -> Response[Any] | None:
        """None where nobody is there to whom the key could belong."""
        if (key := _key(request)) is None:
            return None
        once = _once(request, *key, await _content(request, given))
        once_only = self.frame.leased if self.route.opt.get("leased") else self.frame
        answer = await retried(lambda: once_only(once, lambda: self._act(request, act)))
        return reply(answer, **_told_of(given.get("shopper"), answer))

    async def _act(self, request: AnyRequest, act: Callable[[], Awaitable[Any]]) -> Answer:
        """What comes of it, as it will be sent."""
        try:
            return self._encoded(await act())
        except KEPT as refusal:
            return _refused(request, refusal)

    def _encoded(self, made: Any) -> Answer:
        status: int = self.route.status_code
        if not isinstance(made, Response):
            return Answer(b"" if made is None else msgspec.json.encode(made), status)
        headers = {name: str(value) for name, value in made.headers.items() if name != NAME}
        return Answer(msgspec.json.encode(made.content), made.status_code or status, headers)


def _refused(request: AnyRequest, refusal: Exception) -> Answer:
    problem = problems.of(refusal)
    language = messages.preferred(scopes.header(request.scope, b"accept-language"))
    body = problem.body(language, scopes.request_id(request.scope))
    return Answer(body, problem.status, problem.headers_in(language))


async def _content(request: AnyRequest, given: dict[str, Any]) -> bytes:
    """The same bytes for the same content: of JSON whatever its spelling, of a form the fields that were read of it."""
    for name in UPLOADS:
        if name in given:
            return msgspec.msgpack.encode(given[name], order="sorted")
    return canonical(await request.body()) if "data" in given else b""


def _told_of(shopper: Shopper | None, answer: Answer) -> dict[str, str]:
    """A guest is told the token that came with the request; it is never kept."""
    succeeded = answer.status is not None and answer.status < 400
    return {NAME: shopper.token} if shopper and shopper.token and succeeded else {}


def reply(answer: Answer, **headers: str) -> Response[Any]:
    """The bytes as they are, of a kept refusal too; where the answer names no status, the route's."""
    told = {**answer.headers, **headers, **(REPLAYED if answer.replayed else {})}
    media_type = problems.MEDIA_TYPE if answer.status is not None and answer.status >= 400 else "application/json"
    return Response(answer.body, status_code=answer.status, media_type=media_type, headers=told)


async def refuse(request: AnyRequest, refusal: Conflict | Declined, once: Once, memory: Memory) -> Response[Any]:
    """Keep the refusal under the key, and send what is kept: an earlier answer wins. Raises KeyReused for another's."""
    ours = _refused(request, refusal)
    kept = await memory.remember_refusal(once, ours)
    return reply(replay(once, kept) if kept.body != ours.body else ours)
