"""API keys over HTTP: shown once, held to their scopes, gone when revoked."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from dishka import AsyncContainer, Provider, Scope

from application.accounts.keys import ListApiKeys
from application.ports import Clock, PageRequest, Store
from domain.accounts import SCOPES, Actor, Permission
from domain.api_keys import ApiKeyId
from entrypoints.container import make_memory_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.http.accounts.asking import bearer, refused, signed_in
from tests.http.accounts.test_revoking import boss
from tests.http.conftest import opened

API = "http://localhost:8000/api/"
STOCK, PRODUCTS, ORDERS = f"{API}inventory/", f"{API}products/products/", f"{API}orders/orders/"
READS = {"name": "ERP", "scopes": ["inventory:read"]}


@pytest.fixture
def clock() -> ShopClock:
    return ShopClock()


@pytest.fixture
async def container(settings: Settings, clock: ShopClock) -> AsyncIterator[AsyncContainer]:
    time = Provider(scope=Scope.APP)
    time.provide(lambda: clock, provides=Clock)
    made = make_memory_container(settings, time)
    yield made
    await made.close()


async def created(client: httpx.AsyncClient, container: AsyncContainer, body: Any = READS) -> Any:
    answer = await client.post("api-keys/", json=body, headers=bearer(await boss(client, container)))
    assert answer.status_code == 201, answer.text
    return answer.json()


def holding(key: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {key['key']}"}


async def test_a_key_is_shown_once(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    key = await created(client, container)
    assert re.fullmatch(rf"tp_{key['prefix']}_[\w-]{{43}}", key["key"])
    head = bearer(await boss(client, container))
    listed = (await client.get("api-keys/", headers=head)).json()["results"]
    assert listed == [{name: value for name, value in key.items() if name != "key"}]
    assert key["key"].rpartition("_")[2] not in (await client.get("api-keys/", headers=head)).text
    async with (await container.get(Store)).transaction() as tx:
        kept = await tx.api_keys.take(ApiKeyId(UUID(key["id"])))
    assert key["key"].encode() not in kept.digest


async def test_a_key_may_what_its_scopes_say_and_nothing_else(
    client: httpx.AsyncClient, container: AsyncContainer
) -> None:
    key = await created(client, container)
    assert (await client.get(STOCK, headers=holding(key))).status_code == 200
    for method, url in (
        ("POST", PRODUCTS),
        ("GET", ORDERS),
        ("GET", "api-keys/"),
        ("GET", "users/me/"),
        ("GET", "users/"),
    ):
        refused(await client.request(method, url, headers=holding(key)), 403, "forbidden")
    assert (await client.get(PRODUCTS, headers=holding(key))).status_code == 200
    both = await created(client, container, {"name": "Sync", "scopes": ["catalog:write", "orders:read"]})
    body = {"name": "Lamp", "sku": "LAMP", "price": "20.00"}
    assert (await client.post(PRODUCTS, json=body, headers=holding(both))).status_code == 201
    assert (await client.get(ORDERS, headers=holding(both))).status_code == 200
    refused(await client.get(STOCK, headers=holding(both)), 403, "forbidden")


async def test_a_revoked_key_is_dead_at_the_next_request(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    key, other = await created(client, container), await created(client, container)
    head = bearer(await boss(client, container))
    assert (await client.get(STOCK, headers=holding(key))).status_code == 200
    for _ in range(2):
        assert (await client.delete(f"api-keys/{key['id']}/", headers=head)).status_code == 204
    refused(await client.get(STOCK, headers=holding(key)), 401, "token-invalid")
    assert (await client.get(STOCK, headers=holding(other))).status_code == 200
    listed = (await client.get("api-keys/", headers=head)).json()["results"]
    assert [each["revoked_at"] is None for each in listed] == [True, False]
    missing = await client.delete("api-keys/0190a000-0000-7000-8000-000000000404/", headers=head)
    refused(missing, 404, "api-key-not-found")


async def test_a_key_ends_when_it_was_said_to(
    client: httpx.AsyncClient, container: AsyncContainer, clock: ShopClock
) -> None:
    ends = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    key = await created(client, container, {**READS, "expires_at": ends})
    assert (await client.get(STOCK, headers=holding(key))).status_code == 200
    clock.pass_(timedelta(seconds=50))
    assert (await client.get(STOCK, headers=holding(key))).status_code == 200
    clock.pass_(timedelta(seconds=50))
    refused(await client.get(STOCK, headers=holding(key)), 401, "token-invalid")


async def test_a_use_is_noted_to_the_minute(
    client: httpx.AsyncClient, container: AsyncContainer, clock: ShopClock
) -> None:
    key = await created(client, container)
    views, seen = await container.get(ListApiKeys), list[datetime | None]()
    for _ in range(5):
        (view,) = (await views(Actor.shop(), PageRequest())).results
        seen.append(view.last_used_at)
        assert (await client.get(STOCK, headers=holding(key))).status_code == 200
        clock.pass_(timedelta(seconds=25))
    used = [at for at in seen if at]
    assert seen[0] is None
    assert len(set(used)) == 2
    assert max(used) - min(used) >= timedelta(minutes=1)


async def test_what_is_nearly_a_key_is_none(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    key = (await created(client, container))["key"]
    for wrong in (key[:-1], key + "x", key.upper(), key.replace("tp_", "tp-"), "tp_", "tp_x", "tp_" + "x" * 9000):
        answer = await client.get(STOCK, headers={"Authorization": f"Bearer {wrong}"})
        refused(answer, 401, "token-invalid")
    for scheme in ("Basic", "ApiKey", ""):
        refused(await client.get(STOCK, headers={"Authorization": f"{scheme} {key}"}), 401, "token-invalid")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, ("/name", "too-short")),
        ({"name": "x" * 101}, ("/name", "too-long")),
        ({"name": "a\nb"}, ("/name", "invalid-text")),
        ({"scopes": []}, ("/scopes", "too-short")),
        ({"scopes": ["everything"]}, ("/scopes/0", "invalid-choice")),
        ({"scopes": ["keys:manage"]}, ("/scopes", "invalid-choice")),
        ({"scopes": ["users:manage", "orders:read"]}, ("/scopes", "invalid-choice")),
        ({"expires_at": "2020-01-01T00:00:00Z"}, ("/expires_at", "out-of-range")),
        ({"expires_at": "2020-01-01T00:00:00"}, ("/expires_at", "invalid-type")),
        ({"expires_at": "soon"}, ("/expires_at", "invalid-format")),
        ({"prefix": "mine"}, ("/prefix", "unknown-field")),
        ({"user": "x"}, ("/user", "unknown-field")),
    ],
)
async def test_a_bad_wish_for_a_key_is_refused(
    client: httpx.AsyncClient, container: AsyncContainer, more: Any, field: tuple[str, str]
) -> None:
    answer = await client.post("api-keys/", json={**READS, **more}, headers=bearer(await boss(client, container)))
    refused(answer, 422, "validation-error", field)


async def test_an_idempotency_key_belongs_to_the_api_key(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    """Two keys may use the same one."""
    write = {"name": "Sync", "scopes": ["catalog:write"]}
    first, second = await created(client, container, write), await created(client, container, write)
    same = {"Idempotency-Key": "k1"}
    body = {"name": "Lamp", "sku": "LAMP-1", "price": "20.00"}
    one = await client.post(PRODUCTS, json=body, headers={**holding(first), **same})
    other = await client.post(PRODUCTS, json={**body, "sku": "LAMP-2"}, headers={**holding(second), **same})
    assert (one.status_code, other.status_code) == (201, 201)


async def test_a_key_has_a_quota_of_its_own(settings: Settings) -> None:
    limited = msgspec.structs.replace(settings, rate_limits=True, rate_limit_user=3, rate_limit_login_address=99)
    container = make_memory_container(limited)
    async with opened(build_app(limited, container)) as client:
        client.base_url = httpx.URL(f"{API}auth/")
        keys = [await created(client, container) for _ in range(2)]
        for key in keys:
            answers = [await client.get(STOCK, headers=holding(key)) for _ in range(5)]
            # The first call is by whom nobody has seen before: it counts for the address.
            assert [answer.status_code for answer in answers] == [200] * 4 + [429]
            assert answers[-1].headers["ratelimit-policy"] == '"user";q=3;w=60'
    await container.close()


async def test_a_customer_makes_no_keys(client: httpx.AsyncClient) -> None:
    refused(await client.post("api-keys/", json=READS, headers=bearer(await signed_in(client))), 403, "forbidden")


async def test_what_staff_alone_see_of_the_catalogue_a_key_sees_by_one_scope(
    client: httpx.AsyncClient, container: AsyncContainer
) -> None:
    """Wherever everybody may look, and staff see more."""
    head = bearer(await boss(client, container))
    draft = {"name": "Lamp", "price": "20", "sku": "LAMP", "cost_per_item": "7", "is_active": False}
    slug = (await client.post(PRODUCTS, json=draft, headers=head)).json()["slug"]
    await client.post(PRODUCTS, json={**draft, "name": "Desk", "sku": "DESK", "is_active": True}, headers=head)
    seen = {}
    for scope in sorted(SCOPES):
        key = holding(await created(client, container, {"name": "ERP", "scopes": [scope]}))
        desk = (await client.get(f"{PRODUCTS}desk/", headers=key)).json()
        listed = (await client.get(f"{PRODUCTS}?is_active=false", headers=key)).json()["results"]
        hidden = [await client.get(f"{PRODUCTS}{slug}/{more}", headers=key) for more in ("", "variants/")]
        seen[scope] = ("cost_per_item" in desk, len(listed), [answer.status_code for answer in hidden])
    assert seen.pop(Permission.READ_CATALOG) == (True, 1, [200, 200])
    assert set(map(str, seen.values())) == {str((False, 0, [404, 404]))}


async def test_a_key_that_may_cancel_need_not_be_able_to_read(
    client: httpx.AsyncClient, container: AsyncContainer
) -> None:
    shop = Shop(container, ShopClock())
    await shop.has("LAMP", stock=5)
    ann = await shop.customer("ann@example.com")
    order = await ann.buy("LAMP")
    outcomes = {}
    for scope in sorted(SCOPES):
        key = holding(await created(client, container, {"name": "ERP", "scopes": [scope]}))
        read = await client.get(f"{ORDERS}{order.id}/", headers=key)
        cancelled = await client.post(f"{ORDERS}{order.id}/cancel/", json={}, headers=key)
        outcomes[scope] = (read.status_code, cancelled.status_code)
    assert outcomes.pop(Permission.READ_ORDERS) == (200, 403)
    assert outcomes.pop(Permission.WRITE_ORDERS) == (403, 200)
    assert set(outcomes.values()) == {(403, 403)}
