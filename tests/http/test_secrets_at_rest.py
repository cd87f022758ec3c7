"""Whoever steals a copy of the database, or of Valkey, gets no secret with which anything could be opened."""

import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from click.testing import CliRunner
from redis.asyncio import Redis

from application.ports import Passwords, Store
from domain.accounts import Role
from entrypoints.cli import cli
from entrypoints.container import make_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.http.conftest import opened
from tests.http.shopping.callers import HOME, a_product

PASSWORD, CHANGED = "a lamp in the attic", "a lamp in the cellar"
LINK = re.compile(r"\?token=([\w-]+)")
SECRET_KEY = "the-secret-of-the-shop-which-is-long-enough"
TABLES = """
select format('%I.%I', schemaname, tablename) from pg_tables
where schemaname not in ('pg_catalog', 'information_schema')
"""


@pytest.fixture
def shop_settings(settings: Settings, postgres_url: str, redis_url: str) -> Settings:
    machines = {"database_url": postgres_url, "redis_url": redis_url}
    return msgspec.structs.replace(settings, secret_key=SECRET_KEY, **machines)


@pytest.fixture
async def client(shop_settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, Shop]]:
    container = make_container(shop_settings)
    async with opened(build_app(shop_settings, container)) as client:
        yield client, Shop(container, ShopClock())
    await container.close()


async def _secrets(client: httpx.AsyncClient, shop: Shop) -> dict[str, str]:
    """All that was told to somebody in confidence, or by them, in a life with everything in it."""
    ann = {"email": "ann@example.com", "password": PASSWORD}
    await client.post("/api/auth/register/", json=ann)
    first = (await client.post("/api/auth/login/", json=ann)).json()
    second = (await client.post("/api/auth/token/refresh/", json={"refresh": first["refresh"]})).json()
    head = {"authorization": f"Bearer {second['access']}"}
    change = {"new_email": "new@example.com", "password": PASSWORD}
    assert (await client.post("/api/auth/email/change/", json=change, headers=head)).status_code == 202
    await client.post("/api/auth/password-reset/", json={"email": ann["email"]})
    change = {"old_password": PASSWORD, "new_password": CHANGED}
    assert (await client.post("/api/auth/users/me/password/", json=change, headers=head)).status_code == 204
    paid = await _paid(client, shop, head, "of a user")
    guest = {"x-cart-token": (await client.get("/api/orders/cart/")).headers["x-cart-token"]}
    by_guest = await _paid(client, shop, guest, "of a guest")
    await client.post("/api/auth/login/", json={**ann, "password": "a lump in the attic"})
    root = (await shop.customer("root@example.com", Role.ADMIN)).email
    await _with_password(shop, root)
    staff = (await client.post("/api/auth/login/", json={"email": root, "password": PASSWORD})).json()
    made = {"name": "ERP", "scopes": ["orders:read"]}
    told = {"authorization": f"Bearer {staff['access']}", "idempotency-key": "a key for a key"}
    key = (await client.post("/api/auth/api-keys/", json=made, headers=told)).json()["key"]
    await client.get("/api/orders/orders/", headers={"authorization": f"Bearer {key}"})
    await shop.run_jobs()
    mailed = {f"link {n}": each for n, mail in enumerate(await shop.mails()) for each in LINK.findall(mail.text)}
    assert len(mailed) == 3  # to verify, to change the address, to reset the password
    tokens = {
        f"{name} {n}": pair[name] for n, pair in enumerate((first, second, staff)) for name in ("access", "refresh")
    }
    given = {"password": PASSWORD, "new password": CHANGED, "wrong password": "a lump in the attic", "api key": key}
    return {
        **tokens,
        **mailed,
        **given,
        "key of the shop": SECRET_KEY,
        "cart": guest["x-cart-token"],
        **paid,
        **by_guest,
    }


async def _with_password(shop: Shop, email: str) -> None:
    hashed = await (await shop.get(Passwords)).hash(PASSWORD)
    async with (await shop.get(Store)).transaction() as tx:
        user = await tx.users.find_by_email(email)
        assert user is not None
        user.password_hash = hashed
        await tx.users.save(user)


async def _paid(client: httpx.AsyncClient, shop: Shop, head: dict[str, str], whose: str) -> dict[str, str]:
    """The secret of a payment, asked for twice under one key."""
    lamp = await a_product(shop, stock=5)
    await client.post("/api/orders/cart/add_item/", json={"product_id": str(lamp.id)}, headers=head)
    wish = {"shipping_address": HOME, "email": "ann@example.com"}
    order = (
        await client.post("/api/orders/cart/checkout/", json=wish, headers={**head, "idempotency-key": "o"})
    ).json()
    once, wish = {**head, "idempotency-key": "p"}, {"order_id": order["id"]}
    path = "/api/payments/payments/create_intent/"
    intents = [await client.post(path, json=wish, headers=once) for _ in range(2)]
    assert [intent.headers.get("idempotent-replayed") for intent in intents] == [None, "true"]
    assert intents[0].content == intents[1].content
    told = intents[0].json()
    card = {"payment_intent_id": told["payment_intent_id"], "card": "4242424242424242"}
    answer = await client.post("/api/payments/sandbox/confirm/", json=card, headers=head)
    assert answer.status_code == 200
    return {f"payment {whose}": told["client_secret"]}


async def _dumped(url: str, redis_url: str) -> list[tuple[str, bytes]]:
    """Every row of every table as text, and every value in Valkey; bytes as they are."""
    connection = await asyncpg.connect(url)
    found = list[tuple[str, bytes]]()
    for (table,) in await connection.fetch(TABLES):
        for row in await connection.fetch(f"select * from {table}"):
            raw = (each if isinstance(each, bytes) else str(each).encode() for each in row.values())
            found.append((table, b"\x00".join(raw)))
    await connection.close()
    async with Redis.from_url(redis_url) as redis:
        found += [("valkey", key + (await redis.dump(key) or b"")) async for key in redis.scan_iter("*")]
    return found


async def test_a_copy_of_all_that_is_stored_holds_no_secret(
    client: tuple[httpx.AsyncClient, Shop], postgres_url: str, redis_url: str
) -> None:
    secrets = await _secrets(*client)
    assert len(secrets) == 17
    rows = await _dumped(postgres_url, redis_url)
    tables = {table for table, _ in rows}
    assert {"public.account", "public.once", "sandbox.intent", "public.link", "public.api_key"} <= tables
    told = [(table, name) for table, row in rows for name, secret in secrets.items() if secret.encode() in row]
    assert told == []
    assert [row for table, row in rows if table == "sandbox.intent" and b"_secret_" in row] == []


async def test_the_command_seals_anew_what_a_running_shop_keeps(
    client: tuple[httpx.AsyncClient, Shop], shop_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    web, shop = client
    guest = {"x-cart-token": (await web.get("/api/orders/cart/")).headers["x-cart-token"]}
    await _paid(web, shop, guest, "of a guest")
    environment = {
        "DATABASE_URL": shop_settings.database_url or "",
        "REDIS_URL": shop_settings.redis_url or "",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": "another-secret-of-the-shop-long-enough",
    }
    outcomes = []
    for fallbacks in ("", SECRET_KEY, ""):
        for name, value in {**environment, "SECRET_KEY_FALLBACKS": fallbacks}.items():
            monkeypatch.setenv(name, value)
        outcomes.append(_run("secrets", "reseal"))
    assert outcomes == [
        (1, "0 secrets sealed anew.\n2 cannot be opened: the SECRET_KEY they were sealed with is missing."),
        (0, "2 secrets sealed anew."),
        (0, "0 secrets sealed anew."),
    ]


def _run(*words: str) -> tuple[int, str]:
    with ThreadPoolExecutor(1) as pool:  # it has a loop of its own
        result = pool.submit(CliRunner().invoke, cli, words).result()
    return result.exit_code, result.output.strip()
