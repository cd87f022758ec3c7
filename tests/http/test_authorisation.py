"""Who may call what: every operation of the description, as every kind of caller; and other people's things."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from dishka import AsyncContainer
from litestar import get

from application.accounts.keys import CreateApiKey, NewApiKey
from domain.accounts import GRANTS, SCOPES, Actor, Permission, Role
from entrypoints.container import make_memory_container
from entrypoints.http.access import Lawless, anybody, needs, public
from entrypoints.http.app import ROUTES, build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.http.conftest import House, container_of, opened
from tests.http.shopping.callers import HOME, MISSING, Caller, a_caller, a_product

P = Permission
EVERYBODY, USERS, BUYERS = "everybody", "users", "buyers"  # buyers: users, and guests with a cart
Who = str | Permission | tuple[str, Permission]  # a tuple: those, and each key that has the permission
READ_ORDERS, READ_PAYMENTS = (USERS, P.READ_ORDERS), (USERS, P.READ_PAYMENTS)
READ_ORDER, CANCEL_ORDER = (BUYERS, P.READ_ORDERS), (BUYERS, P.WRITE_ORDERS)

# What the auditor expects: written down here a second time, on purpose.
TABLE: Mapping[str, Who] = {
    "GET /.well-known/jwks.json/": EVERYBODY,
    "GET /api/health_check/": EVERYBODY,
    "GET /health/": EVERYBODY,
    "GET /health/live/": EVERYBODY,
    "GET /health/ready/": EVERYBODY,
    "GET /api/audit/": P.READ_BOOKS,
    "GET /api/audit-log/": P.READ_BOOKS,
    "POST /api/auth/register/": EVERYBODY,
    "POST /api/auth/login/": EVERYBODY,
    "POST /api/auth/logout/": EVERYBODY,
    "POST /api/auth/token/refresh/": EVERYBODY,
    "POST /api/auth/token/verify/": EVERYBODY,
    "POST /api/auth/password-reset/": EVERYBODY,
    "POST /api/auth/password-reset/confirm/": EVERYBODY,
    "POST /api/auth/email/verify/": EVERYBODY,
    "POST /api/auth/email/change/": USERS,
    "GET /api/auth/addresses/": USERS,
    "POST /api/auth/addresses/": USERS,
    "GET /api/auth/addresses/{id}/": USERS,
    "PATCH /api/auth/addresses/{id}/": USERS,
    "DELETE /api/auth/addresses/{id}/": USERS,
    "GET /api/auth/users/me/": USERS,
    "PATCH /api/auth/users/me/": USERS,
    "DELETE /api/auth/users/me/": USERS,
    "GET /api/auth/users/me/export/": USERS,
    "POST /api/auth/users/me/password/": USERS,
    "GET /api/auth/users/": P.MANAGE_USERS,
    "GET /api/auth/users/{id}/": P.MANAGE_USERS,
    "PATCH /api/auth/users/{id}/": P.MANAGE_USERS,
    "GET /api/auth/api-keys/": P.MANAGE_KEYS,
    "POST /api/auth/api-keys/": P.MANAGE_KEYS,
    "DELETE /api/auth/api-keys/{id}/": P.MANAGE_KEYS,
    "GET /api/inventory/": P.READ_STOCK,
    "GET /api/inventory/{sku}/": P.READ_STOCK,
    "GET /api/inventory/{sku}/movements/": P.READ_STOCK,
    "PATCH /api/inventory/{sku}/": P.WRITE_STOCK,
    "POST /api/inventory/{sku}/adjust/": P.WRITE_STOCK,
    "POST /api/inventory/bulk/": P.WRITE_STOCK,
    "GET /api/orders/cart/": EVERYBODY,
    "POST /api/orders/cart/add_item/": EVERYBODY,
    "POST /api/orders/cart/checkout/": BUYERS,
    "POST /api/orders/cart/clear/": EVERYBODY,
    "DELETE /api/orders/cart/remove_item/": EVERYBODY,
    "PATCH /api/orders/cart/update_item/": EVERYBODY,
    "POST /api/orders/cart/apply_coupon/": EVERYBODY,
    "DELETE /api/orders/cart/coupon/": EVERYBODY,
    "GET /api/orders/coupons/": P.WRITE_CATALOG,
    "POST /api/orders/coupons/": P.WRITE_CATALOG,
    "GET /api/orders/coupons/{coupon_id}/": P.WRITE_CATALOG,
    "PATCH /api/orders/coupons/{coupon_id}/": P.WRITE_CATALOG,
    "DELETE /api/orders/coupons/{coupon_id}/": P.WRITE_CATALOG,
    "GET /api/orders/cart/shipping_options/": EVERYBODY,
    "POST /api/orders/cart/quote/": BUYERS,
    "GET /api/orders/shipping-zones/": P.WRITE_RATES,
    "POST /api/orders/shipping-zones/": P.WRITE_RATES,
    "GET /api/orders/shipping-zones/{zone_id}/": P.WRITE_RATES,
    "PATCH /api/orders/shipping-zones/{zone_id}/": P.WRITE_RATES,
    "DELETE /api/orders/shipping-zones/{zone_id}/": P.WRITE_RATES,
    "GET /api/orders/tax-zones/": P.WRITE_RATES,
    "POST /api/orders/tax-zones/": P.WRITE_RATES,
    "GET /api/orders/tax-zones/{zone_id}/": P.WRITE_RATES,
    "PATCH /api/orders/tax-zones/{zone_id}/": P.WRITE_RATES,
    "DELETE /api/orders/tax-zones/{zone_id}/": P.WRITE_RATES,
    "GET /api/orders/tax-classes/": P.WRITE_RATES,
    "POST /api/orders/tax-classes/": P.WRITE_RATES,
    "DELETE /api/orders/tax-classes/{code}/": P.WRITE_RATES,
    "GET /api/orders/orders/": READ_ORDERS,
    "GET /api/orders/orders/history/": USERS,
    "GET /api/orders/orders/{reference}/": READ_ORDER,
    "POST /api/orders/orders/{reference}/cancel/": CANCEL_ORDER,
    "POST /api/orders/orders/{reference}/ship/": P.WRITE_ORDERS,
    "POST /api/orders/orders/{reference}/deliver/": P.WRITE_ORDERS,
    "POST /api/orders/orders/{reference}/refund/": P.REFUND,
    "POST /api/orders/orders/bulk/": P.WRITE_ORDERS,
    "GET /api/orders/orders/{reference}/invoice/": READ_ORDERS,
    "GET /api/orders/orders/{reference}/invoice.pdf/": READ_ORDERS,
    "GET /api/orders/orders/{reference}/packing-slip/": P.READ_ORDERS,
    "GET /api/orders/orders/{reference}/packing-slip.pdf/": P.READ_ORDERS,
    "GET /api/payments/payments/": READ_PAYMENTS,
    "GET /api/payments/payments/{payment_id}/": READ_PAYMENTS,
    "POST /api/payments/payments/create_intent/": BUYERS,
    "POST /api/payments/payments/{payment_id}/refund/": P.REFUND,
    "POST /api/payments/sandbox/confirm/": BUYERS,
    "GET /api/products/products/": EVERYBODY,
    "GET /api/products/products/featured/": EVERYBODY,
    "GET /api/products/products/search/": EVERYBODY,
    "GET /api/products/products/suggest/": EVERYBODY,
    "GET /api/products/products/{ref}/": EVERYBODY,
    "GET /api/products/products/{ref}/variants/": EVERYBODY,
    "GET /api/products/products/{ref}/variants/{variant}/": EVERYBODY,
    "GET /api/products/categories/": EVERYBODY,
    "GET /api/products/categories/{ref}/": EVERYBODY,
    "GET /api/products/categories/{ref}/products/": EVERYBODY,
    "GET /api/products/search/misses/": P.READ_SEARCHES,
    "POST /api/products/products/": P.WRITE_CATALOG,
    "PATCH /api/products/products/{ref}/": P.WRITE_CATALOG,
    "DELETE /api/products/products/{ref}/": P.WRITE_CATALOG,
    "POST /api/products/products/bulk/": P.WRITE_CATALOG,
    "POST /api/products/products/{ref}/images/": P.WRITE_CATALOG,
    "PATCH /api/products/products/{ref}/images/{id}/": P.WRITE_CATALOG,
    "DELETE /api/products/products/{ref}/images/{id}/": P.WRITE_CATALOG,
    "POST /api/products/products/{ref}/variants/": P.WRITE_CATALOG,
    "PATCH /api/products/products/{ref}/variants/{variant}/": P.WRITE_CATALOG,
    "DELETE /api/products/products/{ref}/variants/{variant}/": P.WRITE_CATALOG,
    "POST /api/products/categories/": P.WRITE_CATALOG,
    "PATCH /api/products/categories/{ref}/": P.WRITE_CATALOG,
    "DELETE /api/products/categories/{ref}/": P.WRITE_CATALOG,
    "GET /api/products/exports/": P.WRITE_CATALOG,
    "POST /api/products/exports/": P.WRITE_CATALOG,
    "GET /api/products/exports/{id}/": P.WRITE_CATALOG,
    "GET /api/products/exports/{id}/file/": P.WRITE_CATALOG,
    "GET /api/products/imports/": P.WRITE_CATALOG,
    "POST /api/products/imports/": P.WRITE_CATALOG,
    "GET /api/products/imports/{id}/": P.WRITE_CATALOG,
}
# And what of all that each role may, in the words of API.md.
HELD = {
    Role.CUSTOMER: set[Permission](),
    Role.CATALOG_MANAGER: {
        P.READ_CATALOG,
        P.WRITE_CATALOG,
        P.READ_STOCK,
        P.WRITE_STOCK,
        P.READ_SEARCHES,
        P.WRITE_RATES,
    },
    Role.ORDER_MANAGER: {P.READ_CATALOG, P.READ_ORDERS, P.WRITE_ORDERS, P.READ_PAYMENTS, P.REFUND},
    Role.ANALYST: {P.READ_CATALOG, P.READ_SEARCHES},
    Role.ADMIN: set(Permission),
}
ANONYMOUS, GUEST = "anonymous", "guest"
KEYS = [f"key {scope.value}" for scope in sorted(SCOPES)]
ACTORS = [ANONYMOUS, GUEST, *(role.value for role in Role), *KEYS]


def expected(who: Who, actor: str) -> int | None:
    """401, 403, or None for whoever may."""
    if who == EVERYBODY:
        return None
    if actor == ANONYMOUS:
        return 401
    group, permission = who if isinstance(who, tuple) else (None, who) if isinstance(who, Permission) else (who, None)
    if actor == GUEST:
        return None if group == BUYERS else 401
    if actor in KEYS:
        return None if permission is not None and actor == f"key {permission.value}" else 403
    return None if group or permission in HELD[Role(actor)] else 403


@pytest.fixture
async def container(settings: Settings) -> AsyncIterator[AsyncContainer]:
    made = make_memory_container(settings)
    yield made
    await made.close()


@pytest.fixture
def shop(container: AsyncContainer) -> Shop:
    return Shop(container, ShopClock())


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(settings, container)) as client:
        yield client


async def credentials(shop: Shop, client: httpx.AsyncClient, actor: str) -> dict[str, str]:
    """The headers of somebody new of that kind."""
    if actor == ANONYMOUS:
        return {}
    if actor == GUEST:
        return {"x-cart-token": (await client.get("/api/orders/cart/")).headers["x-cart-token"]}
    if actor in KEYS:
        create = await shop.get(CreateApiKey)
        scope = Permission(actor.removeprefix("key "))
        return {"authorization": f"Bearer {(await create(Actor.shop(), NewApiKey(name='ERP', scopes=[scope]))).key}"}
    return (await a_caller(shop, client, Role(actor))).headers


async def operations(client: httpx.AsyncClient) -> list[str]:
    paths: dict[str, Any] = (await client.get("/api/schema/")).json()["paths"]
    return [f"{method.upper()} {path}" for path, item in paths.items() for method in item]


def asked(operation: str, reference: str = MISSING) -> tuple[str, str]:
    """Method and path, each parameter replaced."""
    method, _, path = operation.partition(" ")
    return method, "/".join(reference if part.startswith("{") else part for part in path.split("/"))


def without_trace(answer: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    return {name: value for name, value in told.items() if name != "trace_id"}


def test_the_roles_may_do_what_the_contract_says() -> None:
    assert {role: set(granted) for role, granted in GRANTS.items()} == HELD
    assert not SCOPES & {P.MANAGE_USERS, P.MANAGE_KEYS, P.READ_BOOKS}


async def test_every_operation_lets_in_whom_it_should_and_nobody_else(shop: Shop, client: httpx.AsyncClient) -> None:
    found = await operations(client)
    rows = set(TABLE)
    assert (set(found) - rows, rows - set(found)) == (set(), set()), "operations without a row, rows without one"
    checked, wrong = 0, list[str]()
    heads = {actor: await credentials(shop, client, actor) for actor in ACTORS}
    for operation in found:
        method, path = asked(operation)
        for actor in ACTORS:
            head = await credentials(shop, client, actor) if method == "DELETE" else heads[actor]
            answer = await client.request(method, path, headers=head)
            refused = answer.status_code if answer.status_code in (401, 403) else None
            checked += 1
            if refused != expected(TABLE[operation], actor) or answer.status_code >= 500:
                wrong.append(f"{operation} as {actor}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []
    print(f"\n{len(found)} operations x {len(ACTORS)} actors = {checked} checked")


async def test_a_body_is_not_read_of_who_may_not(shop: Shop, client: httpx.AsyncClient) -> None:
    """Neither a broken body nor one of a wrong kind is told apart from none."""
    ann = await credentials(shop, client, Role.CUSTOMER)
    for operation, who in TABLE.items():
        if isinstance(who, Permission) and not operation.startswith("GET"):
            method, path = asked(operation)
            for kind in ("application/json", "text/plain"):
                answer = await client.request(method, path, headers={**ann, "content-type": kind}, content=b'{"x": ')
                assert answer.status_code == 403, operation
                nobody = await client.request(method, path, headers={"content-type": kind}, content=b'{"x": ')
                assert nobody.status_code == 401, operation


BODIES: Mapping[str, Any] = {
    "PATCH /api/auth/addresses/{id}/": {"city": "Elsewhere"},
    "POST /api/orders/orders/{reference}/cancel/": {"reason": "mine now"},
}
IN_BODY: Mapping[str, str] = {
    "POST /api/payments/payments/create_intent/": "order_id",
    "PATCH /api/orders/cart/update_item/": "item_id",
    "DELETE /api/orders/cart/remove_item/": "item_id",
    "POST /api/payments/sandbox/confirm/": "payment_intent_id",
    "POST /api/orders/cart/checkout/": "shipping_address_id",
}


async def owned(ann: Caller, shop: Shop) -> dict[str, str]:
    """Things of Ann's, by the beginnings of the paths that lead to them, and by their names in bodies."""
    lamp = await a_product(shop)
    order = await ann.orders(lamp)
    paid = await ann.orders(lamp)
    assert (await ann.pays(paid)).status_code == 200
    intent = await ann.post("payments/payments/create_intent/", {"order_id": order["id"]})
    cart = await ann.put_in(lamp)
    address = await ann.post("auth/addresses/", {**HOME, "address_type": "both"}, 201)
    return {
        "/api/orders/orders/": order["id"],
        "/api/payments/payments/": intent["payment_id"],
        "/api/auth/addresses/": address["id"],
        "order_id": order["id"],
        "item_id": cart["items"][0]["id"],
        "payment_intent_id": intent["payment_intent_id"],
        "shipping_address_id": address["id"],
    }


def theirs() -> list[str]:
    """Operations that every user may call, and that name one thing of theirs."""
    of_users = [
        each for each, who in TABLE.items() if who in (USERS, BUYERS) or isinstance(who, tuple) or each in IN_BODY
    ]
    return [each for each in of_users if "{" in each or each in IN_BODY]


async def test_other_peoples_things_are_as_if_they_were_not_there(shop: Shop, client: httpx.AsyncClient) -> None:
    ann, bob = await a_caller(shop, client), await a_caller(shop, client)
    things = await owned(ann, shop)
    lamp = await a_product(shop)
    await bob.put_in(lamp)
    checked = 0
    for operation in theirs():
        told = [await _of_another(bob, operation, things, missing) for missing in (False, True)]
        there, missing = (without_trace(answer) for answer in told)
        assert [answer.status_code for answer in told] == [404, 404], (operation, there, missing)
        assert there == missing, operation
        checked += 1
    assert checked == len(theirs()) >= 9
    print(f"\n{checked} operations on other people's things checked")
    order = await ann.get(f"orders/orders/{things['order_id']}/")
    assert (order["status"], order["payment_status"]) == ("pending", "pending")
    assert (await ann.get(f"auth/addresses/{things['shipping_address_id']}/"))["city"] == HOME["city"]
    assert (await ann.get("orders/cart/"))["items_count"] == 1


async def _of_another(bob: Caller, operation: str, things: Mapping[str, str], missing: bool) -> httpx.Response:
    if (name := IN_BODY.get(operation)) is not None:
        method, path = asked(operation)
        reference = ("pi_missing" if name == "payment_intent_id" else MISSING) if missing else things[name]
        body: dict[str, Any] = {name: reference}
        if name == "item_id" and method == "DELETE":
            return await bob(method, f"{path.removeprefix('/api/')}?item_id={reference}")
        body |= {"quantity": 1} if name == "item_id" else {}
        body |= {"card": "4242424242424242"} if name == "payment_intent_id" else {}
        return await bob(method, path.removeprefix("/api/"), body)
    (found,) = [thing for start, thing in things.items() if operation.partition(" ")[2].startswith(start)]
    method, path = asked(operation, MISSING if missing else found)
    return await bob(method, path.removeprefix("/api/"), BODIES.get(operation))


async def test_lists_hold_ones_own_things_alone(shop: Shop, client: httpx.AsyncClient) -> None:
    ann, bob = await a_caller(shop, client), await a_caller(shop, client)
    await owned(ann, shop)
    user = f"?user={ann.person.who.user}"
    for path in ("orders/orders/", f"orders/orders/{user}", "orders/orders/history/", "payments/payments/"):
        assert (await bob.get(path))["results"] == [], path
    assert (await bob.get("auth/addresses/"))["results"] == []
    assert (await bob.get("orders/cart/"))["items"] == []


def test_an_app_with_a_route_that_names_no_rule_does_not_start(tmp_path: Any) -> None:
    @get("/t/lawless")
    async def lawless() -> None:
        return None

    @get("/t/wrong", access=needs("catalog:write"))  # type: ignore[arg-type]
    async def wrong() -> None:
        return None

    settings = Settings(data_dir=tmp_path)
    for route in (lawless, wrong):
        with pytest.raises(Lawless, match="GET /t/"):
            build_app(settings, container_of(House(), settings), [*ROUTES[:3], route])


@pytest.mark.parametrize("rule", [public, anybody])
def test_what_is_open_is_open_to_all(rule: Any) -> None:
    for who in (Actor(), Actor(key=UUID(MISSING)), Actor.shop()):
        rule(who)


PROFILE = {"first_name": "Mallory"}
NOT_THEIRS: list[tuple[str, Any]] = [
    ("role", "admin"),
    ("roles", ["admin"]),
    ("is_staff", True),
    ("is_superuser", True),
    ("id", MISSING),
    ("email_verified", True),
    ("is_active", True),
    ("version", 1),
    ("access_version", 0),
    ("date_joined", "2020-01-01T00:00:00Z"),
    ("password_hash", "x"),
    ("permissions", ["users:manage"]),
]


@pytest.mark.parametrize(("name", "value"), NOT_THEIRS)
async def test_nobody_gives_themselves_what_is_not_theirs_to_give(
    shop: Shop, client: httpx.AsyncClient, name: str, value: Any
) -> None:
    ann = await a_caller(shop, client)
    before = await ann.get("auth/users/me/")
    form = {"email": "mallory@example.com", "password": "a lamp in the attic", name: value}
    told = [
        await client.post("/api/auth/register/", json=form),
        await ann("PATCH", "auth/users/me/", {**PROFILE, name: value}),
    ]
    for answer in told:
        assert answer.status_code == 422, answer.text
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [(f"/{name}", "unknown-field")]
    assert await ann.get("auth/users/me/") == before
    del form[name]
    assert (await client.post("/api/auth/register/", content=msgspec.json.encode(form))).status_code in (201, 415)
