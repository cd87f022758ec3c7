"""Revocation over several processes, and without Redis: on PostgreSQL and Valkey."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from redis.asyncio import Redis

from adapters.redis.connection import connect
from adapters.redis.revocations import PREFIX, WHOLE
from application.accounts.keys import CreateApiKey, NewApiKey, RevokeApiKey
from application.accounts.revocations import RepeatRevocations
from application.accounts.staff import ChangeUserByEmail
from domain.accounts import Actor, Permission
from entrypoints.container import make_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.http.accounts.asking import bearer, refused, registered, signed_in
from tests.http.conftest import opened

ME, STOCK = "users/me/", "http://localhost:8000/api/inventory/"
NOWHERE = "redis://127.0.0.1:1"
SHOP = Actor.shop()


@asynccontextmanager
async def processes(settings: Settings, *redis_urls: str) -> AsyncIterator[list[tuple[httpx.AsyncClient, Shop]]]:
    """Apps that share nothing but the machines."""
    async with AsyncExitStack() as stack:
        made = []
        for redis_url in redis_urls:
            on = msgspec.structs.replace(settings, redis_url=redis_url)
            container = make_container(on)
            stack.push_async_callback(container.close)
            client = await stack.enter_async_context(opened(build_app(on, container)))
            client.base_url = httpx.URL("http://localhost:8000/api/auth/")
            made.append((client, Shop(container, ShopClock())))
        yield made


@pytest.fixture
def on_postgres(settings: Settings, postgres_url: str) -> Settings:
    return msgspec.structs.replace(settings, database_url=postgres_url)


async def status(client: httpx.AsyncClient, tokens: Any) -> int:
    return (await client.get(ME, headers=bearer(tokens))).status_code


async def test_what_one_process_revokes_is_void_in_all(on_postgres: Settings, redis_url: str) -> None:
    async with processes(on_postgres, redis_url, redis_url) as ((first, shop), (second, _)):
        for _ in range(10):
            tokens = await signed_in(first)
            assert await status(second, tokens) == 200
            await first.post("logout/", json={"refresh": tokens["refresh"]})
            refused(await second.get(ME, headers=bearer(tokens)), 401, "token-invalid")
        user = await registered(first)
        tokens = await signed_in(second, user["email"])
        change = await shop.get(ChangeUserByEmail)
        await change(SHOP, user["email"], is_active=False)
        assert [await status(client, tokens) for client in (first, second)] == [401, 401]
        new = NewApiKey(name="ERP", scopes=[Permission.READ_STOCK])
        key = await (await shop.get(CreateApiKey))(SHOP, new)
        head = {"Authorization": f"Bearer {key.key}"}
        assert [(await client.get(STOCK, headers=head)).status_code for client in (first, second)] == [200, 200]
        await (await shop.get(RevokeApiKey))(SHOP, key.id)
        assert [(await client.get(STOCK, headers=head)).status_code for client in (first, second)] == [401, 401]


async def test_without_redis_the_database_says_who_has_access(on_postgres: Settings) -> None:
    async with processes(on_postgres, NOWHERE, NOWHERE) as ((first, shop), (second, _)):
        tokens, other = await signed_in(first), await signed_in(first)
        assert [await status(second, each) for each in (tokens, other)] == [200, 200]
        await first.post("logout/", json={"refresh": tokens["refresh"]})
        assert [await status(second, each) for each in (tokens, other)] == [401, 200]
        await (await shop.get(ChangeUserByEmail))(SHOP, other["user"]["email"], is_active=False)
        assert await status(second, other) == 401


async def test_what_redis_was_not_told_or_forgot_it_is_told_again(on_postgres: Settings, redis_url: str) -> None:
    async with processes(on_postgres, redis_url, NOWHERE) as ((near, shop), (cut_off, _)), connect(redis_url) as redis:
        tokens, lost = await signed_in(near), await signed_in(near)
        assert (await cut_off.post("logout/", json={"refresh": tokens["refresh"]})).status_code == 204
        await (await shop.get(RepeatRevocations))()
        assert await status(near, tokens) == 401
        await near.post("logout/", json={"refresh": lost["refresh"]})
        await _forget(redis)
        assert [await status(near, each) for each in (tokens, lost)] == [401, 401]
        await (await shop.get(RepeatRevocations))()
        assert await redis.exists(WHOLE)
        assert [await status(near, each) for each in (tokens, lost)] == [401, 401]


async def _forget(redis: Redis) -> None:
    await redis.delete(*[key async for key in redis.scan_iter(f"{PREFIX}*")])
