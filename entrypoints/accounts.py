"""Accounts and API keys from the command line."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import click
from dishka import AsyncContainer

from application.accounts.keys import ApiKeyView, CreateApiKey, ListApiKeys, NewApiKey, RevokeApiKey
from application.accounts.staff import ChangeUserByEmail
from application.ports import Clock, PageRequest
from domain.accounts import Actor, Permission, Role
from domain.api_keys import ApiKeyId, ApiKeyNotFound
from entrypoints.container import make_container
from entrypoints.settings import Settings

SHOP = Actor.shop()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[AsyncContainer]:
    container = make_container(settings)
    try:
        yield container
    finally:
        await container.close()


async def set_active(settings: Settings, email: str, *, is_active: bool) -> None:
    async with opened(settings) as container:
        user = await (await container.get(ChangeUserByEmail))(SHOP, email, is_active=is_active)
    click.echo(f"{user.email} is {'enabled' if user.is_active else 'disabled'}.")


async def set_roles(settings: Settings, email: str, add: Sequence[Role], remove: Sequence[Role]) -> None:
    async with opened(settings) as container:
        user = await (await container.get(ChangeUserByEmail))(SHOP, email, add=add, remove=remove)
    click.echo(f"{user.email} is {', '.join(user.roles)}.")


async def create_key(settings: Settings, name: str, scopes: Sequence[Permission], days: int | None) -> None:
    """Print the key; nobody will see it again."""
    async with opened(settings) as container:
        clock = await container.get(Clock)
        expires_at = clock() + timedelta(days=days) if days else None
        new = NewApiKey(name=name, scopes=[*scopes], expires_at=expires_at)
        created = await (await container.get(CreateApiKey))(SHOP, new)
    click.echo(created.key)


async def list_keys(settings: Settings) -> None:
    async with opened(settings) as container:
        for key in await _all(await container.get(ListApiKeys)):
            used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
            ends = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else _expiry(key)
            click.echo(f"{key.prefix}  {key.name}  {' '.join(key.scopes)}  used {used}  {ends}")


async def revoke_key(settings: Settings, prefix: str) -> None:
    """By the prefix, or the id. Raises ApiKeyNotFound; where several begin so, none is revoked."""
    async with opened(settings) as container:
        found = [key for key in await _all(await container.get(ListApiKeys)) if prefix in (key.prefix, str(key.id))]
        if not found:
            raise ApiKeyNotFound
        if len(found) > 1:
            raise click.ClickException(f"several keys begin so; say which: {', '.join(str(key.id) for key in found)}")
        await (await container.get(RevokeApiKey))(SHOP, ApiKeyId(found[0].id))
    click.echo(f"{found[0].name} is revoked.")


async def _all(list_keys: ListApiKeys) -> list[ApiKeyView]:
    keys, cursor = list[ApiKeyView](), None
    while True:
        page = await list_keys(SHOP, PageRequest(size=100, cursor=cursor))
        keys += page.results
        if (cursor := page.next) is None:
            return keys


def _expiry(key: ApiKeyView) -> str:
    return f"expires {key.expires_at:%Y-%m-%d}" if key.expires_at else "does not expire"
