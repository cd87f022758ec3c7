"""Rate limits over HTTP: exact over processes, told in headers, harder on who tries passwords."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from dishka import Provider, Scope

from adapters.embedded.ports import choose
from application.limits.local import LocalLimiter, Unlimited
from application.limits.quotas import Limiter
from domain.accounts import Role
from entrypoints.children import Child
from entrypoints.container import make_memory_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.http.conftest import opened
from tests.http.shopping.callers import a_caller

HEALTH = "/health/ready/"
ME = {"email": "ann@example.com", "password": "a lamp in the attic"}
WRONG = {**ME, "password": "not this one"}


@asynccontextmanager
async def limited(settings: Settings, **limits: Any) -> AsyncIterator[tuple[Shop, httpx.AsyncClient]]:
    """A shop in memory with limits on, for which no time passes."""
    settings = msgspec.structs.replace(settings, **{"rate_limits": True, **limits})
    frozen = Provider(scope=Scope.APP)
    limiter = LocalLimiter(now=lambda: 1000.0) if settings.rate_limits else Unlimited()
    frozen.provide(lambda: limiter, provides=Limiter)
    container = make_memory_container(settings, frozen)
    async with opened(build_app(settings, container)) as client:
        yield Shop(container, ShopClock()), client
    await container.close()


async def test_every_answer_says_what_is_left(settings: Settings) -> None:
    async with limited(settings, rate_limit_anonymous=3) as (_, client):
        told = [await client.get("/api/products/products/") for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert {answer.headers["ratelimit-policy"] for answer in told} == {'"anonymous";q=3;w=60'}
    assert [answer.headers["ratelimit"] for answer in told] == [
        '"anonymous";r=2;t=20',
        '"anonymous";r=1;t=40',
        '"anonymous";r=0;t=60',
        '"anonymous";r=0;t=20',
    ]
    assert told[3].headers["retry-after"] == "20"
    assert (told[3].headers["content-type"], told[3].json()["code"]) == (
        "application/problem+json",
        "too-many-requests",
    )


async def test_a_user_has_a_quota_of_their_own_wherever_they_call_from(settings: Settings) -> None:
    async with limited(settings, rate_limit_anonymous=1, rate_limit_user=2) as (shop, client):
        ann, bob = await a_caller(shop, client), await a_caller(shop, client, Role.ANALYST)
        assert [(await ann("GET", "orders/cart/")).status_code for _ in range(3)] == [200, 200, 429]
        assert (await bob("GET", "orders/cart/")).status_code == 200
        assert (await client.get("/api/products/products/")).status_code == 200
        assert (await client.get("/api/products/products/")).status_code == 429


async def test_a_token_that_is_not_good_opens_no_quota(settings: Settings) -> None:
    async with limited(settings, rate_limit_anonymous=2) as (_, client):
        told = [await client.get("/api/orders/cart/", headers={"authorization": f"Bearer {n}"}) for n in range(3)]
    assert [answer.status_code for answer in told] == [401, 401, 429]


async def test_health_pages_and_pictures_are_not_counted(settings: Settings) -> None:
    async with limited(settings, rate_limit_anonymous=1) as (_, client):
        for path in ("/health/live/", "/api/health_check", "/problems/", "/.well-known/jwks.json"):
            assert "ratelimit" not in (await client.get(path)).headers
        assert (await client.get("/api/products/products/")).status_code == 200


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [200, 429]), (1, [200, 200])])
async def test_forwarded_addresses_count_for_our_own_proxies_only(
    settings: Settings, proxies: int, statuses: list[int]
) -> None:
    async with limited(settings, rate_limit_anonymous=1, trusted_proxies=proxies) as (_, client):
        callers = [{"x-forwarded-for": f"198.51.100.{n}"} for n in range(2)]
        told = [await client.get("/api/products/products/", headers=caller) for caller in callers]
    assert [answer.status_code for answer in told] == statuses


async def test_an_account_is_tried_so_often_a_minute_whether_it_is_there_or_not(settings: Settings) -> None:
    async with limited(settings) as (_, client):
        for email in ("ann@example.com", "nobody@example.com"):
            told = [await client.post("/api/auth/login/", json={**WRONG, "email": email}) for _ in range(6)]
            assert [answer.status_code for answer in told] == [401] * 5 + [429]
            assert told[5].headers["retry-after"] == "12"
            assert told[5].headers.get_list("ratelimit-policy") == ['"login-account";q=5;w=60']
            assert told[5].headers.get_list("ratelimit") == ['"login-account";r=0;t=12']
        reset = await client.post("/api/auth/password-reset/", json={"email": "ANN@example.com"})
        assert reset.status_code == 429


async def test_an_address_tries_so_many_accounts_a_minute(settings: Settings) -> None:
    async with limited(settings, rate_limit_login_address=3) as (_, client):
        tries = [{**WRONG, "email": f"ann{n}@example.com"} for n in range(4)]
        told = [(await client.post("/api/auth/login/", json=body)).status_code for body in tries]
    assert told == [401, 401, 401, 429]


async def test_who_goes_on_failing_waits_longer_and_who_succeeds_does_not(settings: Settings) -> None:
    async with limited(settings, rate_limit_login_account=100, rate_limit_login_address=100) as (_, client):
        await client.post("/api/auth/register/", json=ME)
        for _ in range(3):
            for body, status in ((WRONG, 401), (ME, 200)):
                for _ in range(4):
                    assert (await client.post("/api/auth/login/", json=body)).status_code == status
        told = [await client.post("/api/auth/login/", json=WRONG) for _ in range(11)]
        assert [answer.status_code for answer in told] == [401] * 10 + [429]
        assert told[10].headers["retry-after"] == "90"
        assert (await client.post("/api/auth/login/", json=ME)).status_code == 429


async def test_switched_off_nothing_is_counted(settings: Settings) -> None:
    async with limited(settings, rate_limits=False, rate_limit_anonymous=1, rate_limit_login_account=1) as (_, client):
        for _ in range(3):
            answer = await client.post("/api/auth/login/", json=WRONG)
            assert (answer.status_code, "ratelimit" in answer.headers) == (401, False)


@asynccontextmanager
async def two_processes(settings: Settings) -> AsyncIterator[list[str]]:
    """Two `tradepost serve` over one Redis; answers with their addresses."""
    ours = {
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret_key or "",
        "RATE_LIMIT_ANONYMOUS": "60",
        "LOG_LEVEL": "error",
    }
    async with AsyncExitStack() as stack:
        addresses = []
        for n in range(2):
            port = choose(0)
            child = Child(f"web {n}", (sys.executable, "-m", "entrypoints.cli", "serve"))
            child.start({**ours, "PORT": str(port)})
            child.go()
            stack.callback(child.stop)
            addresses.append(f"http://127.0.0.1:{port}")
        async with httpx.AsyncClient() as client, asyncio.timeout(60):
            for address in addresses:
                while not await answers(client, address):  # noqa: ASYNC110 (it is another process)
                    await asyncio.sleep(0.05)
        yield addresses


async def answers(client: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await client.get(address + HEALTH)).status_code == 200
    except httpx.TransportError:
        return False


async def test_of_a_thousand_calls_over_two_processes_the_quota_passes(
    settings: Settings, postgres_url: str, redis_url: str
) -> None:
    settings = msgspec.structs.replace(settings, database_url=postgres_url, redis_url=redis_url)
    pool = httpx.Limits(max_connections=50)
    async with two_processes(settings) as addresses, httpx.AsyncClient(limits=pool, timeout=60) as client:
        began = asyncio.get_running_loop().time()
        calls = (client.get(f"{addresses[n % 2]}/api/products/categories/") for n in range(1000))
        statuses = Counter(answer.status_code for answer in await asyncio.gather(*calls))
        took = asyncio.get_running_loop().time() - began
    assert set(statuses) == {200, 429}
    assert 60 <= statuses[200] <= 60 + int(took) + 1  # one more each second
