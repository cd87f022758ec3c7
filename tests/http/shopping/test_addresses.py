"""Orders to addresses of the customer's own book."""

import pytest

from entrypoints.shop import Shop
from tests.http.shopping.callers import HOME, MISSING, Caller, a_product, answered, refused, wrong
from tests.http.shopping.test_budgets import Budget, cost  # noqa: F401

CHECKOUT = "orders/cart/checkout/"


async def saved(who: Caller, kind: str = "both", **fields: str) -> str:
    body = {**HOME, "address_type": kind, **fields}
    return str((await who.post("auth/addresses/", body, 201))["id"])


async def test_an_order_goes_where_the_named_addresses_say(shop: Shop, ann: Caller) -> None:
    there, bill = await saved(ann, city="Paris", country="FR"), await saved(ann, "billing", city="Bonn", country="DE")
    await ann.put_in(await a_product(shop))
    order = await ann.post(CHECKOUT, {"shipping_address_id": there, "billing_address_id": bill}, 201)
    assert order["shipping_address"] == {**order["shipping_address"], **HOME, "city": "Paris", "country": "FR"}
    assert (order["billing_address"]["city"], order["billing_address"]["country"]) == ("Bonn", "DE")
    assert "id" not in order["shipping_address"]


async def test_billing_goes_where_shipping_goes_if_nothing_else_is_said(shop: Shop, ann: Caller) -> None:
    await ann.put_in(await a_product(shop))
    order = await ann.post(CHECKOUT, {"shipping_address_id": await saved(ann, city="Paris")}, 201)
    assert order["billing_address"] == order["shipping_address"]


async def test_an_order_keeps_its_address_when_the_book_changes(shop: Shop, ann: Caller) -> None:
    there = await saved(ann, city="Paris")
    await ann.put_in(await a_product(shop))
    order = await ann.post(CHECKOUT, {"shipping_address_id": there}, 201)
    assert (await ann("PATCH", f"auth/addresses/{there}/", {"city": "Bonn"})).status_code == 200
    assert (await ann("DELETE", f"auth/addresses/{there}/")).status_code == 204
    assert await ann.get(f"orders/orders/{order['id']}/") == order


@pytest.mark.parametrize("field", ["shipping_address_id", "billing_address_id"])
async def test_anothers_address_is_as_good_as_none(shop: Shop, ann: Caller, bob: Caller, field: str) -> None:
    await ann.put_in(await a_product(shop))
    rest = {} if field == "shipping_address_id" else {"shipping_address": HOME}
    for one in (await saved(bob), MISSING):
        assert refused(await ann("POST", CHECKOUT, {**rest, field: one})) == (404, "address-not-found")
    assert (await ann.get("orders/cart/"))["items_count"] == 1


async def test_an_address_is_spelt_out_or_named_not_both(shop: Shop, ann: Caller) -> None:
    there = await saved(ann)
    await ann.put_in(await a_product(shop))
    both = {"shipping_address": HOME, "shipping_address_id": there}
    assert wrong(await ann("POST", CHECKOUT, both)) == [("/shipping_address_id", "not-both")]
    both = {"shipping_address": HOME, "billing_address": HOME, "billing_address_id": there}
    assert wrong(await ann("POST", CHECKOUT, both)) == [("/billing_address_id", "not-both")]
    body = {"shipping_address_id": "home"}
    assert wrong(await ann("POST", CHECKOUT, body)) == [("/shipping_address_id", "invalid-format")]
    answered(await ann("POST", CHECKOUT, {"shipping_address_id": there}), 201)


async def test_naming_addresses_costs_no_statement_more(shop: Shop, cost: Budget) -> None:  # noqa: F811
    there = await saved(cost.ann)
    await cost.ann.put_in(await a_product(shop))
    assert await cost("POST", CHECKOUT, {"shipping_address_id": there, "billing_address_id": there}) == 2
