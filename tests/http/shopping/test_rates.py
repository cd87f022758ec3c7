"""Zones and tax classes over HTTP: staff set them up, and the very next order goes by them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from application.ports import Store
from domain.accounts import Role
from domain.rates import NO_RATES
from entrypoints.shop import Shop
from tests.http.shopping.callers import MISSING, Caller, a_caller, a_product, answered, refused, wrong

SHIPPING, TAXES, CLASSES = "orders/shipping-zones/", "orders/tax-zones/", "orders/tax-classes/"
POST = {"code": "post", "name": "Post", "estimated_days": 3, "rates": [{"price": "5.00"}]}


@pytest.fixture
async def staff(shop: Shop, client: httpx.AsyncClient) -> Caller:
    return await a_caller(shop, client, Role.CATALOG_MANAGER)


@pytest.fixture(autouse=True)
async def emptied(shop: Shop) -> AsyncIterator[None]:
    """Every test begins and ends with an empty rate book; its version goes on."""
    yield
    async with (await shop.get(Store)).transaction() as tx:
        book = await tx.rate_books.take()
        for zone in book.rates.shipping_zones:
            book.remove_shipping_zone(zone.id, shop.clock())
        for tax_zone in book.rates.tax_zones:
            book.remove_tax_zone(tax_zone.id, shop.clock())
        for each in book.rates.tax_classes:
            book.remove_tax_class(each.code, shop.clock())
        assert book.rates == NO_RATES
        await tx.rate_books.save(book)


async def a_shipping_zone(staff: Caller, *countries: str, **fields: Any) -> Any:
    areas = [{"country": country} for country in countries]
    return await staff.post(SHIPPING, {"name": "Zone", "areas": areas, "methods": [POST], **fields}, 201)


async def a_tax_zone(staff: Caller, *countries: str, **fields: Any) -> Any:
    areas = [{"country": country} for country in countries]
    return await staff.post(TAXES, {"name": "Zone", "areas": areas, "rates": {"standard": "19"}, **fields}, 201)


async def test_a_shipping_zone_is_written_read_changed_and_deleted(staff: Caller) -> None:
    rate = {"price": "5", "per_kg": "0.50", "max_weight": 5000, "min_subtotal": "1.00"}
    method = {"code": "dhl", "name": "DHL Paket", "estimated_days": 2, "rates": [rate], "free_from": "100"}
    areas = [{"country": "DE"}, {"country": "AT", "postal_prefix": "6"}, {"country": "CH", "region": "ZH"}]
    answer = await staff("POST", SHIPPING, {"name": "DACH", "areas": areas, "methods": [method]})
    made = answered(answer, 201)
    assert answer.headers["location"] == f"/api/{SHIPPING}{made['id']}/"
    told = {**rate, "price": "5.00", "min_weight": None, "max_subtotal": None}
    assert made == {
        "id": made["id"],
        "name": "DACH",
        "areas": [{"region": "", "postal_prefix": "", **area} for area in areas],
        "methods": [{**method, "rates": [told], "free_from": "100.00"}],
        "currency": "USD",
    }
    path = f"{SHIPPING}{made['id']}/"
    assert await staff.get(path) == made
    assert (await staff.get(SHIPPING))["results"] == [made]
    changed = answered(await staff("PATCH", path, {"name": "Middle of Europe"}))
    assert changed == {**made, "name": "Middle of Europe"}
    assert (await staff("DELETE", path)).status_code == 204
    for method_, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        assert refused(await staff(method_, path, body)) == (404, "zone-not-found")
    assert (await staff.get(SHIPPING))["results"] == []


async def test_a_tax_zone_is_written_read_changed_and_deleted(staff: Caller) -> None:
    await staff.post(CLASSES, {"code": "books", "name": "Books"}, 201)
    body = {"name": "Germany", "areas": [{"country": "DE"}], "rates": {"standard": "19", "books": "7.50"}}
    answer = await staff("POST", TAXES, {**body, "includes_tax": True})
    made = answered(answer, 201)
    assert answer.headers["location"] == f"/api/{TAXES}{made['id']}/"
    assert (made["rates"], made["includes_tax"]) == ({"standard": "19", "books": "7.5"}, True)
    path = f"{TAXES}{made['id']}/"
    assert await staff.get(path) == made
    changed = answered(await staff("PATCH", path, {"rates": {"standard": "16"}}))
    assert changed == {**made, "rates": {"standard": "16"}}
    assert (await staff.get(TAXES))["results"] == [changed]
    assert (await staff("DELETE", path)).status_code == 204
    assert refused(await staff("GET", path)) == (404, "zone-not-found")


async def test_lists_are_paged_by_name(staff: Caller) -> None:
    for name, country in (("C", "FR"), ("A", "DE"), ("B", "NL")):
        await a_shipping_zone(staff, country, name=name)
        await a_tax_zone(staff, country, name=name)
    for path in (SHIPPING, TAXES):
        first = await staff.get(f"{path}?page_size=2")
        assert ([zone["name"] for zone in first["results"]], first["previous"]) == (["A", "B"], None)
        second = await staff.get(first["next"].removeprefix("/api/"))
        assert ([zone["name"] for zone in second["results"]], second["next"]) == (["C"], None)
        back = await staff.get(second["previous"].removeprefix("/api/"))
        assert back["results"] == first["results"]
        assert wrong(await staff("GET", f"{path}?cursor=x")) == [("cursor", "invalid-cursor")]


async def test_tax_classes_are_made_used_and_deleted(shop: Shop, staff: Caller) -> None:
    built_in = [{"code": "exempt", "name": "Exempt"}, {"code": "standard", "name": "Standard"}]
    assert (await staff.get(CLASSES))["results"] == built_in
    books = {"code": "books", "name": "Books"}
    assert await staff.post(CLASSES, books, 201) == books
    assert (await staff.get(CLASSES))["results"] == [books, *built_in]
    assert refused(await staff("POST", CLASSES, books)) == (409, "tax-class-taken")
    novel = await a_product(shop, name="Novel", tax_class="books")
    zone = await a_tax_zone(staff, "DE", rates={"standard": "19", "books": "7"})
    for code in ("books", "standard", "exempt"):
        assert refused(await staff("DELETE", f"{CLASSES}{code}/")) == (409, "tax-class-in-use")
    await staff("DELETE", f"{TAXES}{zone['id']}/")
    assert refused(await staff("DELETE", f"{CLASSES}books/")) == (409, "tax-class-in-use")
    answered(await staff("PATCH", f"products/products/{novel.slug}/", {"tax_class": "standard"}))
    assert (await staff("DELETE", f"{CLASSES}books/")).status_code == 204
    assert refused(await staff("DELETE", f"{CLASSES}books/")) == (404, "tax-class-not-found")
    answer = await staff("PATCH", f"products/products/{novel.slug}/", {"tax_class": "books"})
    assert wrong(answer) == [("/tax_class", "invalid-choice")]


RATE = {"price": "1"}
ZONE = {"name": "Zone", "areas": [{"country": "DE"}]}


def with_method(**fields: Any) -> dict[str, Any]:
    return {**ZONE, "methods": [{**POST, **fields}]}


@pytest.mark.parametrize(
    ("path", "body", "pointer", "code"),
    [
        (SHIPPING, {**ZONE}, "/methods", "required"),
        (SHIPPING, {**ZONE, "methods": [POST], "name": ""}, "/name", "too-short"),
        (SHIPPING, {**ZONE, "methods": [POST], "name": "a\nb"}, "/name", "invalid-format"),
        (SHIPPING, {**ZONE, "methods": [POST], "price": "1"}, "/price", "unknown-field"),
        (SHIPPING, {**ZONE, "methods": [POST], "areas": [{"country": "ZZ"}]}, "/areas/0/country", "invalid-country"),
        (SHIPPING, {**ZONE, "methods": [POST], "areas": [{"country": "GER"}]}, "/areas/0/country", "too-long"),
        (SHIPPING, {**ZONE, "methods": [POST], "areas": [{"region": "CA"}]}, "/areas/0/country", "required"),
        (SHIPPING, {**ZONE, "methods": [POST, POST]}, "/methods/1/code", "duplicate"),
        (SHIPPING, with_method(code="Post!"), "/methods/0/code", "invalid-format"),
        (SHIPPING, with_method(estimated_days=-1), "/methods/0/estimated_days", "out-of-range"),
        (SHIPPING, with_method(estimated_days="3"), "/methods/0/estimated_days", "invalid-type"),
        (SHIPPING, with_method(rates=[]), "/methods/0/rates", "too-short"),
        (SHIPPING, with_method(rates=[{}]), "/methods/0/rates/0/price", "required"),
        (SHIPPING, with_method(rates=[{"price": "-1"}]), "/methods/0/rates/0/price", "invalid-money"),
        (SHIPPING, with_method(rates=[{"price": "1.001"}]), "/methods/0/rates/0/price", "invalid-money"),
        (SHIPPING, with_method(rates=[{"price": None}]), "/methods/0/rates/0/price", "invalid-type"),
        (SHIPPING, with_method(rates=[{**RATE, "per_kg": "x"}]), "/methods/0/rates/0/per_kg", "invalid-money"),
        (SHIPPING, with_method(rates=[{**RATE, "max_weight": -1}]), "/methods/0/rates/0/max_weight", "out-of-range"),
        (
            SHIPPING,
            with_method(rates=[{**RATE, "min_weight": 2, "max_weight": 1}]),
            "/methods/0/rates/0/max_weight",
            "out-of-range",
        ),
        (SHIPPING, with_method(free_from="1e3"), "/methods/0/free_from", "invalid-money"),
        (TAXES, {**ZONE}, "/rates", "required"),
        (TAXES, {**ZONE, "rates": {}}, "/rates/standard", "required"),
        (TAXES, {**ZONE, "rates": {"standard": "nineteen"}}, "/rates/standard", "invalid-format"),
        (TAXES, {**ZONE, "rates": {"standard": "-1"}}, "/rates/standard", "invalid-format"),
        (TAXES, {**ZONE, "rates": {"standard": "1.23456"}}, "/rates/standard", "invalid-format"),
        (TAXES, {**ZONE, "rates": {"standard": 19}}, "/rates", "invalid-type"),
        (TAXES, {**ZONE, "rates": {"standard": "101"}}, "/rates/standard", "out-of-range"),
        (TAXES, {**ZONE, "rates": {"standard": "19", "books": "7"}}, "/rates/books", "invalid-choice"),
        (TAXES, {**ZONE, "rates": {"standard": "19", "exempt": "7"}}, "/rates/exempt", "invalid-choice"),
        (TAXES, {**ZONE, "rates": {"standard": "19"}, "includes_tax": "yes"}, "/includes_tax", "invalid-type"),
        (CLASSES, {"code": "Books", "name": "Books"}, "/code", "invalid-format"),
        (CLASSES, {"code": "books"}, "/name", "required"),
    ],
)
async def test_what_is_no_zone_or_class(staff: Caller, path: str, body: Any, pointer: str, code: str) -> None:
    assert wrong(await staff("POST", path, body)) == [(pointer, code)]
    assert [zone["name"] for zone in (await staff.get(path))["results"]] in ([], ["Exempt", "Standard"])


async def test_one_area_is_in_one_zone_of_a_kind(staff: Caller) -> None:
    zone = await a_shipping_zone(staff, "DE", "AT")
    await a_tax_zone(staff, "DE")
    body: dict[str, Any] = {"name": "More", "areas": [{"country": "AT"}], "methods": []}
    answer = await staff("POST", SHIPPING, body)
    assert refused(answer) == (409, "zone-overlap")
    assert (answer.json()["zone"], answer.json()["name"]) == (zone["id"], "Zone")
    await a_shipping_zone(staff)
    assert refused(await staff("POST", SHIPPING, {**body, "areas": []})) == (409, "zone-overlap")
    other = await a_shipping_zone(staff, "FR")
    answer = await staff("PATCH", f"{SHIPPING}{other['id']}/", {"areas": [{"country": "DE"}]})
    assert refused(answer) == (409, "zone-overlap")


@pytest.mark.parametrize("path", [SHIPPING, TAXES])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_only_who_manages_the_catalogue(ann: Caller, staff: Caller, path: str, method: str) -> None:
    body: dict[str, Any] | None = {} if method == "PATCH" else None
    assert refused(await ann(method, f"{path}{MISSING}/", body)) == (403, "forbidden")
    assert refused(await staff(method, f"{path}{MISSING}/", body)) == (404, "zone-not-found")


async def test_the_audit_log_tells_who_changed_which_rate(shop: Shop, client: httpx.AsyncClient, staff: Caller) -> None:
    zone = await a_tax_zone(staff, "DE")
    await staff("PATCH", f"{TAXES}{zone['id']}/", {"rates": {"standard": "16"}})
    await staff.post(CLASSES, {"code": "food", "name": "Food"}, 201)
    await shop.run_jobs()
    admin = await a_caller(shop, client, Role.ADMIN)
    entries = (await admin.get("audit-log/?action=rates-changed"))["results"]
    made, changed, zoned = entries[:3]
    assert {entry["actor"] for entry in entries[:3]} == {f"user:{staff.person.who.user}"}
    assert [entry["object"] for entry in entries[:3]] == ["tax-class:food", *[f"tax-zone:{zone['id']}"] * 2]
    assert (changed["before"], changed["after"]) == (
        {"rates": {"standard": "19"}},
        {"change": "changed", "rates": {"standard": "16"}},
    )
    assert (made["after"]["change"], zoned["after"]["change"], zoned["before"]) == ("created", "created", {})


async def test_a_weight_and_a_tax_class_are_kept_and_shown_to_staff(shop: Shop, ann: Caller, staff: Caller) -> None:
    sku = uuid4().hex
    variant = {"name": "Big", "sku": f"{sku}-B", "attributes": {"Size": "Big"}, "weight": 900}
    small = {"name": "Small", "sku": f"{sku}-S", "attributes": {"Size": "Small"}}
    body = {
        "name": "Shirt",
        "price": "9",
        "sku": sku,
        "weight": 250,
        "tax_class": "exempt",
        "variants": [variant, small],
    }
    made = await staff.post("products/products/", body, 201)
    assert (made["weight"], made["tax_class"]) == (250, "exempt")
    assert [one["weight"] for one in made["variants"]] == [900, None]
    path = f"products/products/{made['slug']}/"
    assert await staff.get(path) == made
    seen = await ann.get(path)
    assert seen.keys().isdisjoint({"weight", "tax_class"})
    assert seen["variants"][0].keys().isdisjoint({"weight"})
    big = made["variants"][0]["id"]
    changed = answered(await staff("PATCH", f"{path}variants/{big}/", {"weight": None}))
    assert changed["weight"] is None
    for wrong_one in ({"weight": -1}, {"weight": "9"}, {"weight": None}, {"tax_class": "x"}):
        assert refused(await staff("PATCH", path, wrong_one)) == (422, "validation-error")
