"""The cart over HTTP."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.catalog.inputs import VariantInput
from application.catalog.views import ProductView
from entrypoints.shop import Shop
from tests.http.shopping.callers import MISSING, Caller, a_product, refused, wrong

CART = {
    *("id", "items", "items_count", "subtotal", "discount_amount", "total", "currency", "coupon", "updated_at"),
}
ITEM = {
    *("id", "product", "variant", "product_name", "product_slug", "variant_name", "sku", "product_price"),
    *("product_image", "quantity", "subtotal", "available_quantity"),
}
ROUTES = [
    ("GET", "orders/cart/"),
    ("POST", "orders/cart/add_item/"),
    ("PATCH", "orders/cart/update_item/"),
    ("DELETE", "orders/cart/remove_item/"),
    ("POST", "orders/cart/clear/"),
]


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=3)


async def test_an_empty_cart_has_its_shape(ann: Caller) -> None:
    for path in ("orders/cart/", "orders/cart"):
        cart = await ann.get(path)
        assert cart.keys() == CART
        sums = [cart[name] for name in ("subtotal", "discount_amount", "total")]
        assert (cart["items"], cart["items_count"], sums) == ([], 0, ["0.00"] * 3)
        assert (cart["currency"], cart["coupon"]) == ("USD", None)
        assert cart["updated_at"].endswith("Z")


async def test_what_is_put_in_is_answered_and_stays(ann: Caller, lamp: ProductView) -> None:
    added = await ann.post("orders/cart/add_item/", {"product_id": str(lamp.id)})
    added = await ann.post("orders/cart/add_item", {"product_id": str(lamp.id), "variant_id": None, "quantity": 1})
    assert added == await ann.get("orders/cart/")
    assert (added.keys(), added["items"][0].keys()) == (CART, ITEM)
    assert added["items"] == [
        {
            "id": added["items"][0]["id"],
            "product": str(lamp.id),
            "variant": None,
            "product_name": "Lamp",
            "product_slug": lamp.slug,
            "variant_name": "",
            "sku": lamp.sku,
            "product_price": "19.99",
            "product_image": None,
            "quantity": 2,
            "subtotal": "39.98",
            "available_quantity": 3,
        }
    ]
    assert (added["items_count"], added["subtotal"], added["discount_amount"], added["total"]) == (
        2,
        "39.98",
        "0.00",
        "39.98",
    )


async def test_more_than_there_is_says_how_much_there_is(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp, 2)
    answer = await ann("POST", "orders/cart/add_item/", {"product_id": str(lamp.id), "quantity": 2})
    assert refused(answer) == (409, "insufficient-stock")
    assert answer.json()["items"] == [{"sku": lamp.sku, "requested": 4, "available": 3}]
    item = (await ann.get("orders/cart/"))["items"][0]["id"]
    answer = await ann("PATCH", "orders/cart/update_item/", {"item_id": item, "quantity": 9_999})
    assert refused(answer) == (409, "insufficient-stock")


async def test_variants(shop: Shop, ann: Caller) -> None:
    red = VariantInput(name="Red", sku=f"RED-{uuid4().hex}", attributes={"Colour": "Red"}, stock_quantity=2)
    cup = await a_product(shop, price="5", stock=0, variants=[red])
    wanted = {"product_id": str(cup.id)}
    assert refused(await ann("POST", "orders/cart/add_item/", wanted)) == (422, "variant-required")
    unknown = {**wanted, "variant_id": str(uuid4())}
    assert refused(await ann("POST", "orders/cart/add_item/", unknown)) == (404, "variant-not-found")
    cart = await ann.post("orders/cart/add_item/", {**wanted, "variant_id": str(cup.variants[0].id)})
    assert (cart["items"][0]["variant"], cart["items"][0]["variant_name"]) == (str(cup.variants[0].id), "Red")


async def test_quantities_are_changed_items_removed_and_all_cleared(shop: Shop, ann: Caller, lamp: ProductView) -> None:
    desk = await a_product(shop)
    await ann.put_in(lamp)
    first, second = [item["id"] for item in (await ann.put_in(desk))["items"]]
    changed = await ann("PATCH", "orders/cart/update_item/", {"item_id": first, "quantity": 3})
    assert (changed.status_code, [item["quantity"] for item in changed.json()["items"]]) == (200, [3, 1])
    changed = await ann("PATCH", "orders/cart/update_item", {"item_id": first, "quantity": 0})
    assert [item["id"] for item in changed.json()["items"]] == [second]
    removed = await ann("DELETE", f"orders/cart/remove_item/?item_id={second}")
    assert (removed.status_code, removed.json()["items"]) == (200, [])
    assert refused(await ann("DELETE", f"orders/cart/remove_item/?item_id={second}")) == (404, "cart-item-not-found")
    await ann.put_in(desk)
    nothing: list[Any] = [{}, None]
    for body in nothing:
        assert (await ann.post("orders/cart/clear/", body))["items_count"] == 0


async def test_another_ones_item_is_not_there(ann: Caller, bob: Caller, lamp: ProductView) -> None:
    item = (await ann.put_in(lamp))["items"][0]["id"]
    answer = await bob("PATCH", "orders/cart/update_item/", {"item_id": item, "quantity": 2})
    assert refused(answer) == (404, "cart-item-not-found")
    assert refused(await bob("DELETE", f"orders/cart/remove_item/?item_id={item}")) == (404, "cart-item-not-found")
    assert (await ann.get("orders/cart/"))["items_count"] == 1


async def test_an_unknown_product_is_not_found(ann: Caller) -> None:
    answer = await ann("POST", "orders/cart/add_item/", {"product_id": str(uuid4())})
    assert refused(answer) == (404, "product-not-found")


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("token", ["Bearer forged", "Basic YTpi"])
async def test_a_bad_token_is_sent_away_before_the_body_is_read(
    client: httpx.AsyncClient, method: str, path: str, token: str
) -> None:
    answer = await client.request(method, f"/api/{path}", content=b"{broken", headers={"authorization": token})
    assert refused(answer)[0] == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_another_method_is_not_allowed(ann: Caller) -> None:
    answer = await ann("PUT", "orders/cart/add_item/", {})
    assert refused(answer) == (405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


PRODUCT = MISSING
NO_QUANTITY = [
    *((value, "out-of-range") for value in (0, -1, 10_000, 2**31, 2**63 - 1)),
    *((value, "invalid-type") for value in ("2", 1.5, True, None, [2], {"a": 1}, "")),
]


@pytest.mark.parametrize(("quantity", "code"), [*NO_QUANTITY, (2**63, "out-of-range"), (-(2**63) - 1, "out-of-range")])
async def test_what_is_no_quantity(ann: Caller, quantity: Any, code: str) -> None:
    answer = await ann("POST", "orders/cart/add_item/", {"product_id": PRODUCT, "quantity": quantity})
    assert wrong(answer) == [("/quantity", code)]
    if quantity != 0:
        answer = await ann("PATCH", "orders/cart/update_item/", {"item_id": PRODUCT, "quantity": quantity})
        assert wrong(answer) == [("/quantity", code)]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/product_id", "required"),
        ({"product_id": "lamp"}, "/product_id", "invalid-format"),
        ({"product_id": ""}, "/product_id", "invalid-format"),
        ({"product_id": PRODUCT[:-1]}, "/product_id", "invalid-format"),
        ({"product_id": 7}, "/product_id", "invalid-type"),
        ({"product_id": None}, "/product_id", "invalid-type"),
        ({"product_id": PRODUCT, "variant_id": "red"}, "/variant_id", "invalid-format"),
        ({"product_id": PRODUCT, "price": "0.01"}, "/price", "unknown-field"),
        ([], "", "invalid-type"),
        ("lamp", "", "invalid-type"),
        (None, "/product_id", "required"),
    ],
)
async def test_what_is_no_item(ann: Caller, body: Any, pointer: str, code: str) -> None:
    assert wrong(await ann("POST", "orders/cart/add_item/", body)) == [(pointer, code)]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"{'product_id': 1}",
        b'{"quantity": NaN}',
        b'{"quantity": 01}',
        b"[" * 100_000,
        b'{"product_id": "%s"} x' % PRODUCT.encode(),
    ],
)
async def test_what_is_no_json(ann: Caller, body: bytes) -> None:
    assert refused(await ann("POST", "orders/cart/add_item/", body)) == (400, "malformed-body")


async def test_other_media_types_and_endless_bodies_are_refused(ann: Caller) -> None:
    answer = await ann("POST", "orders/cart/add_item/", b"product_id=1", content_type="text/plain")
    assert refused(answer) == (415, "unsupported-media-type")
    answer = await ann("POST", "orders/cart/add_item/", b'{"product_id": "' + b"x" * (1 << 20) + b'"}')
    assert refused(answer) == (413, "content-too-large")


@pytest.mark.parametrize("query", ["", "?item_id=", "?item_id=lamp", "?item_id=%00", "?item=1"])
async def test_an_item_to_remove_must_be_named(ann: Caller, query: str) -> None:
    answer = await ann("DELETE", f"orders/cart/remove_item/{query}")
    assert refused(answer) == (422, "validation-error")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["item_id"]
