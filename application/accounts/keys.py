"""API keys: made for programs of others, looked at, and revoked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from application.accounts.revocations import TellRevocations
from application.ports import Clock, NewId, Page, PageRequest, RefreshSecrets, Store, Wake
from domain.accounts import Actor, Permission, must
from domain.api_keys import MARK, ApiKey, ApiKeyId

PREFIX = 8  # characters of the hash


class NewApiKey(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Without `expires_at` it is good until it is revoked."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scopes: Annotated[list[Permission], Meta(min_length=1, max_length=50)]
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class ApiKeyView(msgspec.Struct, kw_only=True):
    """`last_used_at` is right to the minute."""

    id: ApiKeyId
    name: str
    prefix: str
    scopes: list[Permission]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class CreatedApiKey(ApiKeyView, kw_only=True):
    """`key` is shown this once."""

    key: str


class ApiKeyViews(Protocol):
    async def list(self, page: PageRequest) -> Page[ApiKeyView]:
        """Newest first, the revoked too."""
        ...


def api_key_view(key: ApiKey) -> ApiKeyView:
    told = {name: getattr(key, name) for name in ApiKeyView.__struct_fields__ if name != "scopes"}
    return ApiKeyView(**told, scopes=sorted(key.scopes))


@dataclass(frozen=True, slots=True)
class ListApiKeys:
    views: ApiKeyViews

    async def __call__(self, who: Actor, page: PageRequest) -> Page[ApiKeyView]:
        must(who, Permission.MANAGE_KEYS)
        return await self.views.list(page)


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Raises InvalidField."""

    store: Store
    secrets: RefreshSecrets
    clock: Clock
    new_id: NewId
    wake: Wake

    async def __call__(self, who: Actor, new: NewApiKey) -> CreatedApiKey:
        must(who, Permission.MANAGE_KEYS)
        secret = self.secrets.new()
        prefix = self.secrets.digest(secret).hex()[:PREFIX]
        text = f"{MARK}{prefix}_{secret}"
        key = ApiKey.create(
            ApiKeyId(self.new_id()),
            new.name,
            self.secrets.digest(text),
            prefix,
            new.scopes,
            new.expires_at,
            who,
            self.clock(),
        )
        async with self.store.transaction() as tx:
            await tx.api_keys.save(key)
        self.wake()
        return CreatedApiKey(**msgspec.structs.asdict(api_key_view(key)), key=text)


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """At the next request nobody gets in with it. Raises ApiKeyNotFound."""

    store: Store
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, id: ApiKeyId) -> None:
        must(who, Permission.MANAGE_KEYS)
        async with self.store.transaction() as tx:
            key = await tx.api_keys.take(id)
            key.revoke(who, self.clock())
            await tx.api_keys.save(key)
        await self.tell.over(id)
        self.wake()
