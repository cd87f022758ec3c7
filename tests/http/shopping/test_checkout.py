"""Checkout over HTTP: the order, what stops it, and keys that make it happen once."""

import json
import re
from asyncio import gather
from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.catalog.changing import ChangeProduct
from application.catalog.inputs import ProductChanges
from application.catalog.views import ProductView
from domain.accounts import Actor
from entrypoints.shop import Shop
from tests.http.shopping.callers import HOME, Caller, a_product, answered, refused, wrong

ORDER = {
    *("id", "order_number", "user", "email", "status", "payment_status", "items", "subtotal", "discount_amount"),
    *("tax_amount", "shipping_cost", "total_amount", "currency", "coupon", "shipping_method", "shipping_address"),
    *("billing_address", "customer_notes", "shipments", "timeline", "created_at", "paid_at", "shipped_at"),
    *("delivered_at", "cancelled_at", "shipping_method_name", "prices_include_tax", "included_tax_amount"),
}
LINE = {
    *("id", "product", "variant", "product_name", "variant_name", "sku", "quantity", "unit_price", "discount_amount"),
    *("tax_amount", "total", "tax_rate", "included_tax_amount"),
}
ADDRESS = {
    *("full_name", "phone_number", "address_line1", "address_line2", "city", "state", "postal_code", "country"),
}
CHECKOUT = "orders/cart/checkout/"
BODY = {"shipping_address": HOME}


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=5)


async def test_an_order_has_its_shape_and_adds_up(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp, 2)
    billing = {**HOME, "city": "Berlin", "country": "DE", "phone": "+49 30 1234"}
    order = await ann.post(CHECKOUT, {**BODY, "billing_address": billing, "customer_notes": "ring twice"}, 201)
    assert (order.keys(), order["items"][0].keys(), order["shipping_address"].keys()) == (ORDER, LINE, ADDRESS)
    assert re.fullmatch(r"ORD-[2-9A-Z]{10}", order["order_number"])
    assert (order["user"], order["email"]) == (str(ann.person.who.user), ann.person.email)
    sums = ("subtotal", "discount_amount", "tax_amount", "shipping_cost", "total_amount")
    assert [order[name] for name in sums] == ["39.98", "0.00", "4.00", "10.00", "53.98"]
    line = {name: order["items"][0][name] for name in LINE - {"id"}}
    assert line == {
        "product": str(lamp.id),
        "variant": None,
        "product_name": "Lamp",
        "variant_name": "",
        "sku": lamp.sku,
        "quantity": 2,
        "unit_price": "19.99",
        "discount_amount": "0.00",
        "tax_amount": "4.00",
        "total": "39.98",
        "tax_rate": "10",
        "included_tax_amount": "0.00",
    }
    assert (order["status"], order["payment_status"], order["currency"]) == ("pending", "pending", "USD")
    assert (order["coupon"], order["shipping_method"], order["shipments"]) == (None, "standard", [])
    assert order["shipping_address"] == {**HOME, "phone_number": "", "address_line2": "", "state": ""}
    assert (order["billing_address"]["city"], order["billing_address"]["phone_number"]) == ("Berlin", "+49 30 1234")
    assert (order["customer_notes"], order["created_at"][-1]) == ("ring twice", "Z")
    assert order["timeline"] == [{"at": order["created_at"], "event": "placed", "detail": ""}]
    assert [order[name] for name in ("paid_at", "shipped_at", "delivered_at", "cancelled_at")] == [None] * 4
    assert (await ann.get("orders/cart/"))["items"] == []
    assert await ann.get(f"orders/orders/{order['id']}/") == order


async def test_billing_goes_where_shipping_goes_and_mail_where_it_is_wanted(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)
    order = await ann.post(CHECKOUT, {**BODY, "email": " Office@Example.COM "}, 201)
    assert order["billing_address"] == order["shipping_address"]
    assert order["email"] == "office@example.com"


@pytest.mark.parametrize("total", ["31.99", 31.99])
async def test_the_expected_total_may_be_text_or_number(ann: Caller, lamp: ProductView, total: Any) -> None:
    await ann.put_in(lamp)
    order = await ann.post(CHECKOUT, {**BODY, "expected_total": total}, 201)
    assert order["total_amount"] == "31.99"


async def test_another_total_than_expected_is_told(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)
    answer = await ann("POST", CHECKOUT, {**BODY, "expected_total": "31.98"})
    assert refused(answer) == (409, "price-changed")
    told = answer.json()
    assert (told["expected_total"], told["total_amount"]) == ("31.98", "31.99")
    assert (await ann.get("orders/cart/"))["items_count"] == 1


async def test_an_empty_cart_a_shortage_and_what_left_are_conflicts(
    shop: Shop, ann: Caller, bob: Caller, lamp: ProductView
) -> None:
    assert refused(await ann("POST", CHECKOUT, BODY)) == (409, "cart-empty")
    await ann.put_in(lamp, 3)
    await bob.orders(lamp, 4)
    answer = await ann("POST", CHECKOUT, BODY)
    assert refused(answer) == (409, "insufficient-stock")
    assert answer.json()["items"] == [{"sku": lamp.sku, "requested": 3, "available": 1}]
    await (await shop.get(ChangeProduct))(Actor.shop(), lamp.slug, ProductChanges(is_active=False))
    assert refused(await ann("POST", CHECKOUT, BODY)) == (409, "product-unavailable")


async def test_nobody_checks_out(client: httpx.AsyncClient) -> None:
    assert refused(await client.post(f"/api/{CHECKOUT}", content=b"{broken")) == (401, "not-authenticated")


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in HOME.items() if key != name}


REQUIRED = ("full_name", "address_line1", "city", "postal_code", "country")
WRONG: list[tuple[Any, str, str]] = [
    ({}, "/shipping_address", "required"),
    (None, "/shipping_address", "required"),
    ({"shipping_address": None}, "/shipping_address", "required"),
    ({"shipping_address": "home"}, "/shipping_address", "invalid-type"),
    *(({"shipping_address": without(name)}, f"/shipping_address/{name}", "required") for name in REQUIRED),
    *(({"shipping_address": {**HOME, name: ""}}, f"/shipping_address/{name}", "too-short") for name in REQUIRED),
    *(
        ({"shipping_address": {**HOME, name: "  "}}, f"/shipping_address/{name}", "required")
        for name in ("full_name", "address_line1", "city", "postal_code")
    ),
    *(
        ({"shipping_address": {**HOME, "country": country}}, "/shipping_address/country", "invalid-country")
        for country in ("us", "U1", "12", "ÄÖ", "  ")
    ),
    ({"shipping_address": {**HOME, "country": "USA"}}, "/shipping_address/country", "too-long"),
    ({"shipping_address": {**HOME, "city": 7}}, "/shipping_address/city", "invalid-type"),
    ({"shipping_address": {**HOME, "city": "x" * 101}}, "/shipping_address/city", "too-long"),
    ({"shipping_address": {**HOME, "city": "a\u0000b"}}, "/shipping_address/city", "invalid-text"),
    ({"shipping_address": {**HOME, "planet": "Earth"}}, "/shipping_address/planet", "unknown-field"),
    ({**BODY, "billing_address": {**HOME, "country": "xx"}}, "/billing_address/country", "invalid-country"),
    ({**BODY, "billing_address": without("city")}, "/billing_address/city", "required"),
    ({**BODY, "email": "nobody"}, "/email", "invalid-email"),
    ({**BODY, "email": "a@b.c\nBcc: d@e.f"}, "/email", "invalid-email"),
    ({**BODY, "email": 7}, "/email", "invalid-type"),
    ({**BODY, "customer_notes": "x" * 2001}, "/customer_notes", "too-long"),
    ({**BODY, "total_amount": "0.01"}, "/total_amount", "unknown-field"),
    *(
        ({**BODY, "expected_total": amount}, "/expected_total", "invalid-money")
        for amount in ("31.999", "-1", "+1", "1e3", " 5", "", "abc", "100000000", 31.999, -1, 10**15)
    ),
    ({**BODY, "expected_total": []}, "/expected_total", "invalid-type"),
    ({**BODY, "expected_total": {}}, "/expected_total", "invalid-type"),
    ({**BODY, "expected_total": True}, "/expected_total", "invalid-type"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), WRONG)
async def test_what_is_no_checkout(ann: Caller, body: Any, pointer: str, code: str) -> None:
    assert wrong(await ann("POST", CHECKOUT, body)) == [(pointer, code)]


@pytest.mark.parametrize("number", [b"1e3", b"3.199E1", b"12345678901234567890", b"1e400"])
async def test_no_amount_is_written_with_an_exponent_or_endless(ann: Caller, number: bytes) -> None:
    body = b'{"shipping_address": %s, "expected_total": %s}' % (json.dumps(HOME).encode(), number)
    answer = await ann("POST", CHECKOUT, body)
    assert refused(answer) == (422, "validation-error")


# -- once


async def test_a_repeated_key_gets_the_first_answer_to_the_byte(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp, 2)
    key = str(uuid4())
    first = await ann("POST", CHECKOUT, BODY, idempotency_key=key)
    await ann.put_in(lamp)
    reordered = {"shipping_address": dict(reversed(HOME.items()))}
    for path, body in ((CHECKOUT, BODY), (CHECKOUT.rstrip("/"), BODY), (CHECKOUT, reordered)):
        again = await ann("POST", path, body, idempotency_key=key)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert (first.status_code, "idempotent-replayed" in first.headers) == (201, False)
    assert len((await ann.get("orders/orders/"))["results"]) == 1
    assert (await ann.get("orders/cart/"))["items_count"] == 1


async def test_a_key_is_for_one_request(ann: Caller, bob: Caller, lamp: ProductView) -> None:
    for who in (ann, bob):
        await who.put_in(lamp)
    key = str(uuid4())
    answered(await ann("POST", CHECKOUT, BODY, idempotency_key=key), 201)
    other = {**BODY, "customer_notes": "ring twice"}
    assert refused(await ann("POST", CHECKOUT, other, idempotency_key=key)) == (422, "idempotency-key-reused")
    assert refused(await ann("POST", f"{CHECKOUT}?x=1", BODY, idempotency_key=key)) == (422, "idempotency-key-reused")
    theirs = await bob("POST", CHECKOUT, BODY, idempotency_key=key)
    assert (theirs.status_code, "idempotent-replayed" in theirs.headers) == (201, False)


async def test_a_refusal_of_the_business_is_repeated_too(ann: Caller, lamp: ProductView) -> None:
    key = str(uuid4())
    first = await ann("POST", CHECKOUT, BODY, idempotency_key=key)
    assert refused(first) == (409, "cart-empty")
    assert "idempotent-replayed" not in first.headers
    await ann.put_in(lamp)
    again = await ann("POST", CHECKOUT, BODY, idempotency_key=key)
    assert refused(again) == (409, "cart-empty")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    other = {**BODY, "customer_notes": "ring twice"}
    assert refused(await ann("POST", CHECKOUT, other, idempotency_key=key)) == (422, "idempotency-key-reused")
    assert (await ann.get("orders/cart/"))["items_count"] == 1


async def test_what_was_invalid_may_be_repaired_under_its_key(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)
    key = str(uuid4())
    assert (await ann("POST", CHECKOUT, {}, idempotency_key=key)).status_code == 422
    assert (await ann("POST", CHECKOUT, {**BODY, "shipping_method": "drone"}, idempotency_key=key)).status_code == 422
    answered(await ann("POST", CHECKOUT, BODY, idempotency_key=key), 201)


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "tab\t", "ümlaut"])
async def test_what_is_no_key(ann: Caller, lamp: ProductView, key: str) -> None:
    headers = {**ann.headers, "idempotency-key": key.encode("latin-1")}
    answer = await ann.client.post(f"/api/{CHECKOUT}", json=BODY, headers=headers)  # type: ignore[arg-type]
    assert refused(answer) == (422, "idempotency-key-invalid")


async def test_the_longest_key_and_every_visible_character_will_do(ann: Caller, lamp: ProductView) -> None:
    visible = "".join(map(chr, range(0x21, 0x7F)))
    await ann.put_in(lamp)
    answered(await ann("POST", CHECKOUT, BODY, idempotency_key=(visible * 3)[:255]), 201)


async def test_one_key_twenty_times_at_once_is_one_order_and_one_answer(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp, 2)
    key = str(uuid4())
    answers = await gather(*(ann("POST", CHECKOUT, BODY, idempotency_key=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 19
    assert len((await ann.get("orders/orders/"))["results"]) == 1


async def test_ten_checkouts_of_one_cart_at_once_are_one_order(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)
    answers = await gather(*(ann("POST", CHECKOUT, BODY, idempotency_key=str(n)) for n in range(10)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    assert {refused(answer) for answer in answers if answer.status_code == 409} == {(409, "cart-empty")}
