"""Coupons over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.catalog.views import ProductView
from domain.accounts import Role
from entrypoints.shop import Shop
from tests.http.shopping.callers import HOME, MISSING, Caller, a_caller, a_product, answered, refused, wrong

MEMBERS = {
    *("id", "code", "kind", "value", "currency", "min_subtotal", "starts_at", "ends_at", "usage_limit"),
    *("per_customer_limit", "categories", "products", "used", "created_at"),
}


@pytest.fixture
async def staff(shop: Shop, client: httpx.AsyncClient) -> Caller:
    return await a_caller(shop, client, Role.CATALOG_MANAGER)


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="20.00", stock=50)


async def a_coupon(staff: Caller, **terms: Any) -> Any:
    body = {"code": uuid4().hex, "kind": "percent", "value": "10", **terms}
    return await staff.post("orders/coupons/", body, 201)


async def test_a_coupon_is_written_read_changed_and_deleted(staff: Caller, lamp: ProductView) -> None:
    code = f"Summer-{uuid4().hex}"
    terms = {
        "code": code,
        "kind": "fixed",
        "value": "5",
        "min_subtotal": "20.00",
        "usage_limit": 9,
        "per_customer_limit": 1,
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": None,
        "products": [str(lamp.id)],
    }
    answer = await staff("POST", "orders/coupons/", terms)
    made = answered(answer, 201)
    assert made.keys() == MEMBERS
    assert answer.headers["location"] == f"/api/orders/coupons/{made['id']}/"
    assert {name: made[name] for name in terms} == {**terms, "code": code.upper(), "value": "5.00"}
    path = f"orders/coupons/{made['id']}/"
    assert await staff.get(path) == made
    changed = answered(await staff("PATCH", path, {"value": "6.50", "usage_limit": None}))
    assert changed == {**made, "value": "6.50", "usage_limit": None}
    assert (await staff.get("orders/coupons/"))["results"][0] == changed
    assert (await staff("DELETE", path)).status_code == 204
    for method in ("GET", "DELETE"):
        assert refused(await staff(method, path)) == (404, "coupon-not-found")


async def test_the_list_has_pages(staff: Caller) -> None:
    codes = [(await a_coupon(staff))["code"] for _ in range(3)]
    first = await staff.get("orders/coupons/?page_size=2")
    second = answered(await staff("GET", first["next"].removeprefix("/api/")))
    assert [each["code"] for each in (first["results"] + second["results"])[:3]] == codes[::-1]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/code", "required"),
        ({"code": "A B"}, "/code", "invalid-format"),
        ({"kind": "gift"}, "/kind", "invalid-choice"),
        ({"value": "0"}, "/value", "out-of-range"),
        ({"value": "100.01"}, "/value", "out-of-range"),
        ({"value": "ten"}, "/value", "invalid-format"),
        ({"kind": "fixed", "value": "1.001"}, "/value", "invalid-money"),
        ({"value": 10}, "/value", "invalid-type"),
        ({"usage_limit": 0}, "/usage_limit", "out-of-range"),
        ({"min_subtotal": "-1"}, "/min_subtotal", "invalid-money"),
        ({"starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"}, "/ends_at", "out-of-range"),
        ({"products": [MISSING]}, "/products", "invalid-choice"),
        ({"used": 3}, "/used", "unknown-field"),
    ],
)
async def test_what_is_no_coupon(staff: Caller, body: Any, pointer: str, code: str) -> None:
    whole = {"code": "X", "kind": "percent", "value": "10", **body} if body else {}
    assert wrong(await staff("POST", "orders/coupons/", whole)) == [(pointer, code)]


async def test_a_code_is_given_once(staff: Caller) -> None:
    coupon = await a_coupon(staff)
    body = {"code": coupon["code"].lower(), "kind": "free_shipping", "value": "0"}
    assert refused(await staff("POST", "orders/coupons/", body)) == (409, "coupon-code-taken")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "orders/coupons/"),
        ("POST", "orders/coupons/"),
        ("GET", f"orders/coupons/{MISSING}/"),
        ("PATCH", f"orders/coupons/{MISSING}/"),
        ("DELETE", f"orders/coupons/{MISSING}/"),
    ],
)
async def test_coupons_are_for_the_catalogues_managers(
    client: httpx.AsyncClient, ann: Caller, method: str, path: str
) -> None:
    assert (await ann(method, path, b"{broken")).status_code == 403
    assert (await client.request(method, f"/api/{path}", content=b"{broken")).status_code == 401


async def test_a_coupon_goes_into_the_cart_and_out(staff: Caller, ann: Caller, lamp: ProductView) -> None:
    code = (await a_coupon(staff))["code"]
    await ann.put_in(lamp)
    cart = await ann.post("orders/cart/apply_coupon/", {"code": code.lower()})
    assert (cart["coupon"], cart["discount_amount"], cart["total"]) == (code, "2.00", "18.00")
    assert await ann.get("orders/cart/") == cart
    without = answered(await ann("DELETE", "orders/cart/coupon/"))
    assert (without["coupon"], without["discount_amount"], without["total"]) == (None, "0.00", "20.00")


async def test_what_does_not_hold_says_why(staff: Caller, ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)

    async def applied(**terms: Any) -> tuple[int, str]:
        code = (await a_coupon(staff, **terms))["code"]
        return refused(await ann("POST", "orders/cart/apply_coupon/", {"code": code}))

    unknown = {"code": uuid4().hex}
    assert refused(await ann("POST", "orders/cart/apply_coupon/", unknown)) == (404, "coupon-not-found")
    assert await applied(ends_at="2026-01-01T00:00:00Z") == (409, "coupon-expired")
    assert await applied(min_subtotal="20.01") == (409, "coupon-not-applicable")
    once = (await a_coupon(staff, per_customer_limit=1))["code"]
    await ann.post("orders/cart/apply_coupon/", {"code": once})
    await ann.post("orders/cart/checkout/", {"shipping_address": HOME}, 201)
    await ann.put_in(lamp)
    assert refused(await ann("POST", "orders/cart/apply_coupon/", {"code": once})) == (409, "coupon-exhausted")


async def test_checkout_says_so_instead_of_charging_more(staff: Caller, ann: Caller, lamp: ProductView) -> None:
    coupon = await a_coupon(staff)
    await ann.put_in(lamp)
    await ann.post("orders/cart/apply_coupon/", {"code": coupon["code"]})
    ended = {"ends_at": "2026-01-01T00:00:00Z"}
    assert answered(await staff("PATCH", f"orders/coupons/{coupon['id']}/", ended))["code"] == coupon["code"]
    answer = await ann("POST", "orders/cart/checkout/", {"shipping_address": HOME})
    assert refused(answer) == (409, "coupon-expired")
    await ann("DELETE", "orders/cart/coupon/")
    order = await ann.post("orders/cart/checkout/", {"shipping_address": HOME}, 201)
    assert (order["coupon"], order["discount_amount"]) == (None, "0.00")


async def test_a_guest_may_use_one_too(staff: Caller, client: httpx.AsyncClient, lamp: ProductView) -> None:
    code = (await a_coupon(staff, usage_limit=1))["code"]
    first = await client.post("/api/orders/cart/add_item/", json={"product_id": str(lamp.id)})
    token = {"X-Cart-Token": first.headers["x-cart-token"]}
    applied = await client.post("/api/orders/cart/apply_coupon/", json={"code": code}, headers=token)
    assert answered(applied)["discount_amount"] == "2.00"
    body = {"shipping_address": HOME, "email": "guest@example.com"}
    order = answered(await client.post("/api/orders/cart/checkout/", json=body, headers=token), 201)
    assert (order["coupon"], order["user"], order["discount_amount"]) == (code, None, "2.00")
    shown = await client.get(f"/api/orders/orders/{order['id']}/", headers=token)
    assert answered(shown)["coupon"] == code
