"""The audit log over HTTP: who did what under which request, for admins alone, and nothing in it that is a secret."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from dishka import AsyncContainer

from application.acting import SHOP, acting
from application.audit_log.entries import AuditLog
from application.audit_log.keeping import ExtendAuditLog, VerifyAuditLog
from application.outbox import Outbox
from application.transfers.running import RunImports
from domain.accounts import Role
from entrypoints.container import make_memory_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.catalog.asking import LAMP, caller
from tests.http.conftest import opened

PASSWORD = "a lamp in the attic"
ANN = {"email": "ann@example.com", "password": PASSWORD}


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[AsyncContainer]:
    """In memory: what the log must do has been seen on PostgreSQL already."""
    made = make_memory_container(settings)
    yield made
    await made.close()


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(settings, container)) as client:
        yield client


@pytest.fixture
async def admin(container: AsyncContainer, client: httpx.AsyncClient) -> dict[str, str]:
    return (await caller(container, client, Role.ADMIN)).headers


async def listed(container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str], **query: Any) -> Any:
    """What the log says, oldest first, once the worker has written it."""
    await (await container.get(Outbox)).dispatch([], 1000)
    log = await container.get(AuditLog)
    await ExtendAuditLog(log)()
    assert (await VerifyAuditLog(log)()).findings == []
    answer = await client.get("/api/audit-log/", params={"page_size": 100, **query}, headers=admin)
    assert answer.status_code == 200, answer.text
    return [entry for entry in answer.json()["results"][::-1] if entry["actor"] != "shop"]  # which made the callers


async def test_what_happens_to_an_account_is_told_without_its_secrets(
    container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    user = (await client.post("/api/auth/register/", json=ANN)).json()["id"]
    wrong = {"X-Request-ID": "guessing-1"}
    await client.post("/api/auth/login/", json={**ANN, "password": "a lump in the attic"}, headers=wrong)
    await client.post("/api/auth/login/", json={**ANN, "email": "nobody@example.com"}, headers=wrong)
    tokens = (await client.post("/api/auth/login/", json=ANN)).json()
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    change = {"old_password": PASSWORD, "new_password": "another lamp in the attic"}
    assert (await client.post("/api/auth/users/me/password/", json=change, headers=bearer)).status_code == 204
    assert (await client.post("/api/auth/logout/", json={"refresh": tokens["refresh"]})).status_code == 204
    log = await listed(container, client, admin)
    assert [(entry["actor"].partition(":")[0], entry["action"], entry["object"]) for entry in log] == [
        ("anonymous", "user-registered", f"user:{user}"),
        ("anonymous", "login-refused", f"user:{user}"),
        ("anonymous", "login-refused", "user:unknown"),
        ("anonymous", "session-started", f"user:{user}"),
        ("user", "password-changed", f"user:{user}"),
        ("anonymous", "sessions-ended", f"user:{user}"),
    ]
    assert [entry["request_id"] for entry in log[1:3]] == ["guessing-1"] * 2
    assert log[-1]["after"]["reason"] == "signed_out"
    told = msgspec.json.encode(log).decode()
    for secret in (PASSWORD, "another lamp", "example.com", "$argon2", tokens["refresh"], tokens["access"]):
        assert secret not in told


async def test_what_staff_change_is_told_with_what_was_before(
    container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    staff = await caller(container, client, Role.CATALOG_MANAGER)
    lamp = await staff.make(**LAMP, stock_quantity=3)
    change = {"price": "25.50", "stock_quantity": 5}
    answer = await staff("PATCH", f"{lamp['slug']}/", change, X_Request_ID="repricing")
    assert answer.status_code == 200
    log = await listed(container, client, admin, object=f"product:{lamp['id']}")
    assert [entry["action"] for entry in log] == ["product-changed"] * 2
    assert log[1]["before"] == {"price": {"amount": 2000, "currency": "USD"}}
    assert log[1]["after"] == {"change": "changed", "price": {"amount": 2550, "currency": "USD"}}
    (stock,) = await listed(container, client, admin, object="stock:LAMP", action="stock-adjusted")
    assert (stock["before"], stock["after"]) == ({"on_hand": 3}, {"on_hand": 5})
    assert [stock["request_id"], log[1]["request_id"]] == ["repricing"] * 2
    assert stock["actor"] == log[0]["actor"] == log[1]["actor"]


async def test_pages_and_filters_of_the_wire(
    container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    staff = await caller(container, client, Role.CATALOG_MANAGER)
    for sku in ("ONE", "TWO", "SIX"):
        await staff.make(name=sku, price="1", sku=sku)
    await listed(container, client, admin)
    first = (await client.get("/api/audit-log/?page_size=2&action=product-changed", headers=admin)).json()
    second = (await client.get(first["next"], headers=admin)).json()
    assert [entry["after"]["sku"] for entry in (*first["results"], *second["results"])] == ["SIX", "TWO", "ONE"]
    assert second["next"] is None
    assert await listed(container, client, admin, since="2100-01-01T00:00:00Z") == []
    assert await listed(container, client, admin, actor="operator") == []
    answer = await client.get("/api/audit-log/?since=yesterday", headers=admin)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "since")


async def test_the_log_is_for_admins(container: AsyncContainer, client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/audit-log/")).status_code == 401
    for role in set(Role) - {Role.ADMIN}:
        other = await caller(container, client, role)
        assert (await client.get("/api/audit-log/", headers=other.headers)).status_code == 403


async def test_a_request_leaves_nobody_behind_for_the_next(
    container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    staff = await caller(container, client, Role.CATALOG_MANAGER)
    await staff.get()
    await client.post("/api/auth/register/", json=ANN)
    (entry,) = await listed(container, client, admin)
    assert (entry["actor"], entry["action"]) == ("anonymous", "user-registered")


async def test_after_a_request_the_shop_acts_for_itself_again(
    container: AsyncContainer, client: httpx.AsyncClient
) -> None:
    staff = await caller(container, client, Role.CATALOG_MANAGER)
    await staff.make(**LAMP)
    assert acting.get() is SHOP


async def test_an_import_is_the_doing_of_who_asked_for_it(
    container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    staff = await caller(container, client, Role.CATALOG_MANAGER)
    file = b"Handle,Title,Variant SKU,Variant Price\nlamp,Lamp,LAMP,20.00\n"
    told = {**staff.headers, "Content-Type": "text/csv"}
    answer = await client.post("/api/products/imports/", content=file, headers=told)
    assert answer.status_code == 202, answer.text
    await (await container.get(RunImports))()
    entry, *_ = await listed(container, client, admin, action="product-changed")
    assert entry["after"]["sku"] == "LAMP"
    assert entry["actor"] == f"user:{answer.json()['requested_by']}"
    assert acting.get() is SHOP


ADDRESS = {
    "full_name": "Ann Lee",
    "address_line1": "1 High Street",
    "city": "Springfield",
    "postal_code": "12345",
    "country": "US",
}


async def test_orders_that_staff_cancel_are_told_and_those_of_customers_are_not(
    container: AsyncContainer, client: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    lamp = await (await caller(container, client, Role.CATALOG_MANAGER)).make(**LAMP, stock_quantity=5)
    manager = (await caller(container, client, Role.ORDER_MANAGER)).headers
    await client.post("/api/auth/register/", json=ANN)
    tokens = (await client.post("/api/auth/login/", json=ANN)).json()
    customer = {"Authorization": f"Bearer {tokens['access']}"}
    orders = []
    for who in (customer, manager):
        await client.post("/api/orders/cart/add_item/", json={"product_id": lamp["id"]}, headers=customer)
        wish = {"shipping_address": ADDRESS}
        placed = await client.post("/api/orders/cart/checkout/", json=wish, headers=customer)
        assert placed.status_code == 201, placed.text
        orders.append(placed.json())
        path = f"/api/orders/orders/{orders[-1]['id']}/cancel/"
        assert (await client.post(path, json={"reason": "Ann moved house"}, headers=who)).status_code == 200
    (entry,) = await listed(container, client, admin, action="order-cancelled")
    assert entry["object"] == f"order:{orders[1]['id']}"
    assert entry["before"] == {"status": "pending"}
    assert entry["after"] == {"status": "cancelled", "number": orders[1]["order_number"], "was_paid": False}
