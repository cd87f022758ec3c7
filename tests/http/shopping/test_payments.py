"""Payments over HTTP, with the sandbox in the place of a browser."""

from asyncio import gather
from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.catalog.views import ProductView
from domain.accounts import Role
from entrypoints.shop import Shop
from tests.http.shopping.callers import MISSING, Caller, a_caller, a_product, answered, refused, wrong

INTENT = {"payment_id", "payment_intent_id", "client_secret", "status", "publishable_key"}
PAYMENT = {
    *("id", "order", "order_number", "amount", "amount_refunded", "currency", "status", "transaction_id"),
    *("payment_method", "failure_code", "created_at", "paid_at"),
}
CREATE, CONFIRM = "payments/payments/create_intent/", "payments/sandbox/confirm/"
VISA, DECLINED, POOR = "4242424242424242", "4000000000000002", "4000000000009995"
ROUTES = [("POST", CREATE), ("POST", CONFIRM), ("GET", "payments/payments/"), ("GET", f"payments/payments/{MISSING}/")]


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=50)


@pytest.fixture
async def order(ann: Caller, lamp: ProductView) -> Any:
    return await ann.orders(lamp, 2)


async def begun(who: Caller, order: Any) -> Any:
    return await who.post(CREATE, {"order_id": order["id"]})


async def confirm(who: Caller, intent: Any, card: Any = VISA) -> httpx.Response:
    return await who("POST", CONFIRM, {"payment_intent_id": intent["payment_intent_id"], "card": card})


async def test_an_intent_has_its_shape_and_comes_again(ann: Caller, order: Any) -> None:
    intent = await begun(ann, order)
    assert intent.keys() == INTENT
    assert (intent["status"], intent["publishable_key"]) == ("pending", "pk_sandbox")
    assert await begun(ann, order) == intent
    assert await gather(*(begun(ann, order) for _ in range(5))) == [intent] * 5


async def test_a_payment_has_its_shape_before_and_after(ann: Caller, order: Any) -> None:
    intent = await begun(ann, order)
    path = f"payments/payments/{intent['payment_id']}/"
    open_ = await ann.get(path)
    assert open_ == {
        "id": intent["payment_id"],
        "order": order["id"],
        "order_number": order["order_number"],
        "amount": "53.98",
        "amount_refunded": "0.00",
        "currency": "USD",
        "status": "pending",
        "transaction_id": intent["payment_intent_id"],
        "payment_method": None,
        "failure_code": None,
        "created_at": open_["created_at"],
        "paid_at": None,
    }
    assert open_.keys() == PAYMENT
    told = answered(await confirm(ann, intent))
    assert told == {"payment_intent_id": intent["payment_intent_id"], "status": "succeeded"}
    paid = await ann.get(path)
    assert paid == {**open_, "status": "succeeded", "paid_at": paid["paid_at"]}
    assert paid["paid_at"].endswith("Z")
    assert (await ann.get("payments/payments"))["results"] == [paid]
    after = await ann.get(f"orders/orders/{order['id']}/")
    assert (after["status"], after["payment_status"]) == ("processing", "paid")
    assert [moment["event"] for moment in after["timeline"]] == ["placed", "paid"]


@pytest.mark.parametrize(("card", "code"), [(DECLINED, "card_declined"), (POOR, "insufficient_funds")])
async def test_a_declined_card_says_why_and_another_may_pay(ann: Caller, order: Any, card: str, code: str) -> None:
    intent = await begun(ann, order)
    answer = await confirm(ann, intent, card)
    assert refused(answer) == (402, "payment-declined")
    assert answer.json()["decline_code"] == code
    failed = await ann.get(f"payments/payments/{intent['payment_id']}/")
    assert (failed["status"], failed["failure_code"]) == ("failed", code)
    assert (await ann.get(f"orders/orders/{order['id']}/"))["payment_status"] == "failed"
    assert (await begun(ann, order))["payment_intent_id"] == intent["payment_intent_id"]
    answered(await confirm(ann, intent))
    assert (await ann.get(f"orders/orders/{order['id']}/"))["payment_status"] == "paid"


async def test_confirmed_ten_times_at_once_it_is_sold_once(
    shop: Shop, ann: Caller, order: Any, lamp: ProductView
) -> None:
    intent = await begun(ann, order)
    answers = await gather(*(confirm(ann, intent) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await shop.stock(lamp.sku)).on_hand == 48


async def test_only_an_open_order_is_paid(ann: Caller, lamp: ProductView) -> None:
    paid, cancelled = await ann.orders(lamp), await ann.orders(lamp)
    answered(await ann.pays(paid))
    intent = await begun(ann, cancelled)
    await ann.post(f"orders/orders/{cancelled['id']}/cancel/")
    assert refused(await ann("POST", CREATE, {"order_id": paid["id"]})) == (409, "order-already-paid")
    assert refused(await ann("POST", CREATE, {"order_id": cancelled["id"]})) == (409, "order-not-payable")
    assert refused(await confirm(ann, intent)) == (409, "order-not-payable")


async def test_nobody_elses_business(
    shop: Shop, client: httpx.AsyncClient, ann: Caller, bob: Caller, order: Any
) -> None:
    intent = await begun(ann, order)
    path = f"payments/payments/{intent['payment_id']}/"
    assert refused(await bob("POST", CREATE, {"order_id": order["id"]})) == (404, "order-not-found")
    assert refused(await confirm(bob, intent)) == (404, "payment-not-found")
    assert refused(await bob("GET", path)) == (404, "payment-not-found")
    assert (await bob.get("payments/payments/"))["results"] == []
    staff = await a_caller(shop, client, Role.ORDER_MANAGER)
    assert (await staff.get(path))["status"] == "pending"
    assert (await staff.get("payments/payments/?page_size=1"))["results"][0]["id"] == intent["payment_id"]


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        (CREATE, {}, "/order_id", "required"),
        (CREATE, None, "/order_id", "required"),
        (CREATE, {"order_id": "ORD-1"}, "/order_id", "invalid-format"),
        (CREATE, {"order_id": 2**63}, "/order_id", "out-of-range"),
        (CREATE, {"order_id": 1}, "/order_id", "invalid-type"),
        (CREATE, {"order_id": MISSING, "amount": "0.01"}, "/amount", "unknown-field"),
        (CONFIRM, {"card": VISA}, "/payment_intent_id", "required"),
        (CONFIRM, {"payment_intent_id": "pi_1"}, "/card", "required"),
        (CONFIRM, {"payment_intent_id": "pi_1", "card": 4242424242424242}, "/card", "invalid-type"),
        (CONFIRM, {"payment_intent_id": "x" * 256, "card": VISA}, "/payment_intent_id", "too-long"),
        (CONFIRM, {"payment_intent_id": "pi_1", "card": "4" * 33}, "/card", "too-long"),
        (CONFIRM, {"payment_intent_id": None, "card": VISA}, "/payment_intent_id", "invalid-type"),
        (CONFIRM, [], "", "invalid-type"),
    ],
)
async def test_what_is_no_payment(ann: Caller, path: str, body: Any, pointer: str, code: str) -> None:
    assert wrong(await ann("POST", path, body)) == [(pointer, code)]


async def test_unknown_orders_intents_and_cards(ann: Caller, order: Any) -> None:
    assert refused(await ann("POST", CREATE, {"order_id": str(uuid4())})) == (404, "order-not-found")
    for unknown in ("pi_unknown", "", "'; drop table payment; --"):
        answer = await ann("POST", CONFIRM, {"payment_intent_id": unknown, "card": VISA})
        assert refused(answer) == (404, "payment-not-found")
    assert wrong(await confirm(ann, await begun(ann, order), "4111111111111111")) == [("/card", "unknown-card")]
    assert refused(await ann("GET", f"payments/payments/{uuid4()}/")) == (404, "payment-not-found")
    assert refused(await ann("GET", "payments/payments/pi_1/"))[0] == 404


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nobody_pays(client: httpx.AsyncClient, method: str, path: str) -> None:
    assert refused(await client.request(method, f"/api/{path}", content=b"{broken")) == (401, "not-authenticated")
