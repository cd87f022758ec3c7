"""Quotes and shipping options over HTTP: what is told before is what is charged after, to the cent."""

from typing import Any

import httpx
import pytest

from adapters.postgres.counting import StatementCount
from application.catalog.inputs import VariantInput
from application.catalog.views import ProductView
from domain.accounts import Role
from entrypoints.observing import Statements
from entrypoints.shop import Shop
from tests.http.shopping.callers import HOME, Caller, a_caller, a_product, answered, refused, wrong
from tests.http.shopping.test_coupons import a_coupon
from tests.http.shopping.test_guests import Guest
from tests.http.shopping.test_rates import (  # noqa: F401
    POST,
    SHIPPING,
    TAXES,
    a_shipping_zone,
    a_tax_zone,
    emptied,
    staff,
)

CHECKOUT, QUOTE, OPTIONS = "orders/cart/checkout/", "orders/cart/quote/", "orders/cart/shipping_options/"
BERLIN = {**HOME, "city": "Berlin", "postal_code": "10115", "country": "DE"}
BODY = {"shipping_address": HOME}
TO_BERLIN = {"shipping_address": BERLIN}
LIKE_ORDERS = {
    *("subtotal", "discount_amount", "tax_amount", "included_tax_amount", "shipping_cost", "total_amount", "currency"),
    *("coupon", "shipping_method", "shipping_method_name", "prices_include_tax"),
}
EXPRESS = {**POST, "code": "express", "name": "Express", "estimated_days": 1, "rates": [{"price": "15.00"}]}


@pytest.fixture
async def lamp(shop: Shop) -> ProductView:
    return await a_product(shop, name="Lamp", price="19.99", stock=50, weight=700)


async def same(who: Caller | Guest, body: Any) -> Any:
    """The quote, which is what checkout then makes of it."""
    quote = answered(await who("POST", QUOTE, body))
    assert answered(await who("POST", QUOTE, body)) == quote
    order = answered(await who("POST", CHECKOUT, {**body, "expected_total": quote["total_amount"]}), 201)
    assert {name: order[name] for name in LIKE_ORDERS} == {name: quote[name] for name in LIKE_ORDERS}
    assert [{name: line[name] for name in line if name != "id"} for line in order["items"]] == quote["items"]
    return quote


async def test_a_quote_is_what_checkout_makes_of_it(ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp, 2)
    quote = await same(ann, BODY)
    assert quote.keys() == {*LIKE_ORDERS, "items", "estimated_days"}
    sums = ("subtotal", "discount_amount", "tax_amount", "shipping_cost", "total_amount")
    assert [quote[name] for name in sums] == ["39.98", "0.00", "4.00", "10.00", "53.98"]
    assert (quote["shipping_method"], quote["estimated_days"], quote["items"][0]["tax_rate"]) == ("standard", 5, "10")


async def test_a_quote_writes_nothing(shop: Shop, ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)
    before = await ann.get("orders/cart/")
    await ann.post(QUOTE, BODY)
    answered(await ann("POST", QUOTE, BODY, idempotency_key="q1"))
    other = answered(await ann("POST", QUOTE, TO_BERLIN, idempotency_key="q1"))
    assert other["total_amount"] == "31.99"
    assert await ann.get("orders/cart/") == before
    assert (await ann.get("orders/orders/"))["results"] == []


async def test_a_quote_costs_one_statement_and_so_do_options(shop: Shop, ann: Caller, lamp: ProductView) -> None:
    await ann.put_in(lamp)
    count = await shop.get(Statements)
    assert isinstance(count, StatementCount)
    await ann.post(QUOTE, BODY)
    for method, path, body, most in (("POST", QUOTE, BODY, 1), ("GET", f"{OPTIONS}?country=US", None, 2)):
        count.begin()
        answered(await ann(method, path, body))
        assert len(await count.statements()) <= most


async def test_zones_cost_checkout_no_statement_more(shop: Shop, ann: Caller, staff: Caller, lamp: ProductView) -> None:  # noqa: F811
    await a_shipping_zone(staff, "DE")
    await a_tax_zone(staff, "DE")
    await ann.put_in(lamp)
    await ann.post(QUOTE, TO_BERLIN)  # the process has the rates now
    count = await shop.get(Statements)
    assert isinstance(count, StatementCount)
    count.begin()
    await ann.post(CHECKOUT, TO_BERLIN, 201)
    assert len(await count.statements()) == 2


async def test_a_changed_rate_holds_for_the_very_next_checkout(ann: Caller, staff: Caller, lamp: ProductView) -> None:  # noqa: F811
    shipping, tax = await a_shipping_zone(staff, "DE"), await a_tax_zone(staff, "DE")
    for price, rate, total in (("5.00", "19", "28.79"), ("6.00", "16", "29.19"), ("7.00", "7", "28.39")):
        rates = [{"price": price}]
        answered(await staff("PATCH", f"{SHIPPING}{shipping['id']}/", {"methods": [{**POST, "rates": rates}]}))
        answered(await staff("PATCH", f"{TAXES}{tax['id']}/", {"rates": {"standard": rate}}))
        await ann.put_in(lamp)
        assert (await same(ann, TO_BERLIN))["total_amount"] == total
    for zone in (f"{SHIPPING}{shipping['id']}/", f"{TAXES}{tax['id']}/"):
        assert (await staff("DELETE", zone)).status_code == 204
    await ann.put_in(lamp)
    assert (await same(ann, TO_BERLIN))["total_amount"] == "31.99"  # as the settings say, again


async def test_prices_with_the_tax_in_them(ann: Caller, staff: Caller, shop: Shop, lamp: ProductView) -> None:  # noqa: F811
    await a_tax_zone(staff, "DE", rates={"standard": "19"}, includes_tax=True)
    await a_shipping_zone(staff, "DE")
    await ann.put_in(lamp, 2)
    await ann.put_in(await a_product(shop, price="5.00", tax_class="exempt"))
    quote = await same(ann, TO_BERLIN)
    assert quote["prices_include_tax"]
    sums = ("subtotal", "tax_amount", "included_tax_amount", "shipping_cost", "total_amount")
    assert [quote[name] for name in sums] == ["44.98", "0.00", "6.38", "5.00", "49.98"]
    lines = [(line["total"], line["tax_rate"], line["included_tax_amount"]) for line in quote["items"]]
    assert lines == [("39.98", "19", "6.38"), ("5.00", "0", "0.00")]


@pytest.mark.parametrize("includes_tax", [False, True])
@pytest.mark.parametrize(
    "terms", [{"value": "33.33"}, {"kind": "fixed", "value": "7.77"}, {"kind": "free_shipping", "value": "0"}]
)
async def test_with_a_coupon_too_the_quote_is_the_order(
    shop: Shop,
    ann: Caller,
    staff: Caller,  # noqa: F811
    lamp: ProductView,
    terms: dict[str, str],
    includes_tax: bool,
) -> None:
    await a_tax_zone(staff, "DE", rates={"standard": "8.875"}, includes_tax=includes_tax)
    await a_shipping_zone(staff, "DE", methods=[POST, EXPRESS])
    coupon = await a_coupon(staff, **terms)
    for product, quantity in ((lamp, 3), (await a_product(shop, price="0.33"), 7)):
        await ann.put_in(product, quantity)
    await ann.post("orders/cart/apply_coupon/", {"code": coupon["code"]})
    is_free = coupon["kind"] == "free_shipping"
    offered = [option["price"] for option in (await ann.get(f"{OPTIONS}?country=DE"))["results"]]
    assert offered == (["0.00", "0.00"] if is_free else ["5.00", "15.00"])
    quote = await same(ann, {**TO_BERLIN, "shipping_method": "express"})
    assert (quote["coupon"], quote["shipping_cost"]) == (coupon["code"], "0.00" if is_free else "15.00")


async def test_options_are_offered_in_order_and_one_may_be_chosen(
    shop: Shop,
    ann: Caller,
    staff: Caller,  # noqa: F811
    lamp: ProductView,
) -> None:
    heavy = {
        **POST,
        "code": "parcel",
        "rates": [{"price": "4.00", "max_weight": 1000}, {"price": "1.00", "per_kg": "2"}],
    }
    await a_shipping_zone(
        staff, "DE", methods=[{**POST, "rates": [{"price": "3", "max_weight": 1000}]}, heavy, EXPRESS]
    )
    await ann.put_in(lamp)
    assert (await ann.get(f"{OPTIONS}?country=DE&postal_code=10115"))["results"] == [
        {"code": "post", "name": "Post", "price": "3.00", "currency": "USD", "estimated_days": 3},
        {"code": "parcel", "name": "Post", "price": "4.00", "currency": "USD", "estimated_days": 3},
        {"code": "express", "name": "Express", "price": "15.00", "currency": "USD", "estimated_days": 1},
    ]
    await ann.put_in(lamp)
    offered = (await ann.get(f"{OPTIONS}?country=DE"))["results"]
    assert [(option["code"], option["price"]) for option in offered] == [("parcel", "5.00"), ("express", "15.00")]
    assert wrong(await ann("POST", CHECKOUT, {**TO_BERLIN, "shipping_method": "post"})) == [
        ("/shipping_method", "invalid-choice")
    ]
    chosen = await same(ann, {**TO_BERLIN, "shipping_method": "express"})
    assert (chosen["shipping_method"], chosen["shipping_method_name"]) == ("express", "Express")


async def test_variants_weigh_what_they_weigh(shop: Shop, ann: Caller, staff: Caller) -> None:  # noqa: F811
    await a_shipping_zone(staff, "DE", methods=[{**POST, "rates": [{"price": "0", "per_kg": "1"}]}])
    names = {"S": None, "L": 2500}
    variants = [
        VariantInput(name=name, sku=f"SHIRT-{name}-{staff.person.email}", attributes={"Size": name}, weight=weight)
        for name, weight in names.items()
    ]
    shirt = await a_product(shop, stock=None, variants=variants, weight=400)
    for variant, price in zip(shirt.variants, ("1.00", "3.00"), strict=True):
        await ann.post("orders/cart/add_item/", {"product_id": str(shirt.id), "variant_id": str(variant.id)})
        assert (await ann.get(f"{OPTIONS}?country=DE"))["results"][0]["price"] == price


async def test_where_nothing_goes_nothing_can_be_ordered(ann: Caller, staff: Caller, lamp: ProductView) -> None:  # noqa: F811
    await a_shipping_zone(staff, "DE")
    await a_shipping_zone(staff, "FR", methods=[])
    await ann.put_in(lamp)
    for country in ("US", "FR"):
        assert (await ann.get(f"{OPTIONS}?country={country}"))["results"] == []
        for path in (QUOTE, CHECKOUT):
            body = {"shipping_address": {**HOME, "country": country}}
            assert refused(await ann("POST", path, body)) == (422, "no-shipping-method")
    assert (await ann.get("orders/cart/"))["items_count"] == 1
    assert (await same(ann, TO_BERLIN))["shipping_cost"] == "5.00"


async def test_beyond_all_tax_zones_nothing_is_taxed(ann: Caller, staff: Caller, lamp: ProductView) -> None:  # noqa: F811
    await a_tax_zone(staff, "DE")
    await ann.put_in(lamp)
    quote = await same(ann, BODY)
    assert (quote["tax_amount"], quote["items"][0]["tax_rate"], quote["total_amount"]) == ("0.00", "0", "29.99")


async def test_the_closest_zone_counts(ann: Caller, staff: Caller, lamp: ProductView) -> None:  # noqa: F811
    async def zone(price: str, *areas: dict[str, str]) -> None:
        await a_shipping_zone(staff, areas=list(areas), methods=[{**POST, "rates": [{"price": price}]}])

    await zone("1")
    await zone("2", {"country": "US"})
    await zone("3", {"country": "US", "region": "CA"})
    await zone("4", {"country": "US", "postal_prefix": "902"})
    await ann.put_in(lamp)
    for query, price in (
        ("country=DE", "1.00"),
        ("country=US", "2.00"),
        ("country=US&postal_code=94105&state=CA", "3.00"),
        ("country=US&postal_code=90210&state=CA", "4.00"),
        ("country=US&postal_code=90210", "4.00"),
    ):
        assert (query, (await ann.get(f"{OPTIONS}?{query}"))["results"][0]["price"]) == (query, price)
    beverly = {"shipping_address": {**HOME, "state": "CA", "postal_code": "90210"}}
    assert (await same(ann, beverly))["shipping_cost"] == "4.00"


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("", "country", "required"),
        ("?country=ZZ", "country", "invalid-country"),
        ("?country=us", "country", "invalid-country"),
        ("?country=USA", "country", "too-long"),
        (f"?country=US&postal_code={'1' * 21}", "postal_code", "too-long"),
    ],
)
async def test_what_is_no_place(ann: Caller, query: str, pointer: str, code: str) -> None:
    assert wrong(await ann("GET", f"{OPTIONS}{query}")) == [(pointer, code)]


async def test_an_empty_cart_has_options_but_no_quote(ann: Caller) -> None:
    (option,) = (await ann.get(f"{OPTIONS}?country=US"))["results"]
    assert (option["code"], option["price"], option["currency"]) == ("standard", "10.00", "USD")
    assert refused(await ann("POST", QUOTE, BODY)) == (409, "cart-empty")


async def test_a_quote_refuses_what_checkout_refuses(ann: Caller, bob: Caller, shop: Shop) -> None:
    rare = await a_product(shop, name="Rare", price="10.00", stock=1)
    await ann.put_in(rare)
    assert refused(await ann("POST", QUOTE, {**BODY, "expected_total": "1.00"})) == (409, "price-changed")
    assert wrong(await ann("POST", QUOTE, {})) == [("/shipping_address", "required")]
    assert wrong(await ann("POST", QUOTE, {**BODY, "shipping_method": "drone"})) == [
        ("/shipping_method", "invalid-choice")
    ]
    await bob.orders(rare)
    answer = await ann("POST", QUOTE, BODY)
    assert refused(answer) == (409, "insufficient-stock")
    assert answer.json()["items"] == [{"sku": rare.sku, "requested": 1, "available": 0}]
    assert refused(await ann("POST", CHECKOUT, BODY)) == (409, "insufficient-stock")


async def test_a_guest_is_told_prices_before_an_address_for_mail(client: httpx.AsyncClient, lamp: ProductView) -> None:
    guest = Guest(client)
    assert refused(await guest("POST", QUOTE, BODY)) == (401, "not-authenticated")
    assert answered(await guest("GET", f"{OPTIONS}?country=US"))["results"][0]["price"] == "10.00"
    await guest.put_in(lamp)
    quote = answered(await guest("POST", QUOTE, BODY))
    assert await same(guest, {**BODY, "email": "guest@example.com"}) == quote


async def test_papers_tell_how_it_is_sent_and_what_is_taxed(
    shop: Shop,
    client: httpx.AsyncClient,
    ann: Caller,
    staff: Caller,  # noqa: F811
    lamp: ProductView,
) -> None:
    await a_tax_zone(staff, "DE", rates={"standard": "19"}, includes_tax=True)
    await a_shipping_zone(staff, "DE", methods=[EXPRESS])
    await ann.put_in(lamp, 2)
    order = await ann.post(CHECKOUT, TO_BERLIN, 201)
    path = f"orders/orders/{order['id']}"
    invoice = (await ann("GET", f"{path}/invoice/")).text
    assert "<dt>Shipping</dt><dd>Express</dd>" in invoice
    assert '<td>Includes tax 19 %</td><td class="n">6.38 USD</td>' in invoice
    packer = await a_caller(shop, client, Role.ORDER_MANAGER)
    assert "<dt>Shipping</dt><dd>Express</dd>" in (await packer("GET", f"{path}/packing-slip/")).text
