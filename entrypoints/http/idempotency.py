"""Idempotency on the wire: the key of a request, and the answers that are kept under one."""

import hashlib
import re
from typing import Any

from litestar import Request, Response

from application.idempotency import Answer, Memory, Once, replay
from domain.accounts import Actor
from domain.errors import Conflict, Declined
from entrypoints.http import messages, problems, scopes
from entrypoints.http.bodies import canonical

VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = {"Idempotent-Replayed": "true"}
KEPT = (Conflict, Declined)  # refusals that are outcomes of the business


async def once_of(request: Request[Any, Any, Any]) -> Once | None:
    """What makes this request the same as an earlier one; None where no key is given, or nobody asks."""
    actor = _actor(scopes.actor(request.scope))
    if actor is None or (key := request.headers.get("idempotency-key")) is None:
        return None
    if not VISIBLE.fullmatch(key):
        raise problems.BadRequest(422, "idempotency-key-invalid")
    query = request.scope["query_string"].decode("latin-1")
    return Once(
        actor=actor,
        key=key,
        route=f"{request.method} {request.scope['path']}{'?' if query else ''}{query}",
        fingerprint=hashlib.sha256(canonical(await request.body())).digest(),
        status=request.route_handler.status_code,
    )


def _actor(who: Actor) -> str | None:
    """To whom a key belongs: a user, a program, or who holds a cart's token."""
    return who.name or (f"guest:{who.guest.hex()}" if who.guest is not None else None)


def reply(answer: Answer, **headers: str) -> Response[Any]:
    """A use case's answer with its bytes as they are, a kept refusal too; of a new one the status is the route's."""
    told = headers | (REPLAYED if answer.replayed else {})
    media_type = problems.MEDIA_TYPE if answer.status is not None and answer.status >= 400 else "application/json"
    return Response(answer.body, status_code=answer.status, media_type=media_type, headers=told)


async def refuse(
    request: Request[Any, Any, Any], refusal: Conflict | Declined, once: Once, memory: Memory
) -> Response[Any]:
    """Keep the refusal under the key, and send what is kept: an earlier answer wins. Raises KeyReused for another's."""
    problem = problems.of(refusal)
    language = messages.preferred(scopes.header(request.scope, b"accept-language"))
    body = problem.body(language, scopes.request_id(request.scope))
    kept = await memory.remember_refusal(once, problem.status, body)
    answer = replay(once, kept)
    return reply(answer if kept.body != body else Answer(kept.body, kept.status))
