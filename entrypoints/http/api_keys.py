"""API keys on the wire, for admins. A key is sent as a Bearer token."""

from typing import Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from application.accounts.keys import ApiKeyView, CreateApiKey, CreatedApiKey, ListApiKeys, NewApiKey, RevokeApiKey
from application.ports import PageRequest
from domain.accounts import Actor, Permission
from domain.api_keys import ApiKeyId
from entrypoints.http.access import needs
from entrypoints.http.lists import Envelope, envelope

TAGS = ["API keys"]
ADMINS = needs(Permission.MANAGE_KEYS)


@get("/api/auth/api-keys", access=ADMINS, tags=TAGS, summary="API keys")
async def api_keys(
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    request: Request[Any, Any, Any],
    list_keys: FromDishka[ListApiKeys],
) -> Envelope[ApiKeyView]:
    """Newest first, the revoked too."""
    return envelope(await list_keys(who, page), request)


@post("/api/auth/api-keys", access=ADMINS, tags=TAGS, summary="Make an API key")
async def create(
    data: JSONBody[NewApiKey], who: NamedDependency[Actor], create_key: FromDishka[CreateApiKey]
) -> CreatedApiKey:
    """The answer is the only place where the key itself is ever shown."""
    return await create_key(who, data)


@delete("/api/auth/api-keys/{id:uuid}", access=ADMINS, tags=TAGS, summary="Revoke an API key")
async def revoke(id: FromPath[UUID], who: NamedDependency[Actor], revoke_key: FromDishka[RevokeApiKey]) -> None:
    """Its next request is refused. It stays in the list."""
    await revoke_key(who, ApiKeyId(id))


routes: list[HTTPRouteHandler] = [api_keys, create, revoke]
