"""Products over HTTP: what staff write, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dishka import AsyncContainer

from application.ports import Store
from domain.accounts import Role
from tests.builders import a_category
from tests.http.catalog.asking import IN_MEMORY, LAMP, SHIRT, Caller, caller, refused


async def test_a_product_is_created_from_three_fields(staff: Caller, anyone: Caller) -> None:
    answer = await staff("POST", "", LAMP)
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/products/products/lamp/")
    assert answer.headers["etag"] == '"1.1"'
    stocked = {"cost_per_item": None, "low_stock_threshold": 5, "on_hand": 0, "reserved": 0}
    inside = {**stocked, "weight": 0, "tax_class": "standard"}
    assert made | inside == made
    assert await anyone.get("lamp/") == {name: value for name, value in made.items() if name not in inside}
    assert made == {
        "id": str(UUID(made["id"])),
        "name": "Lamp",
        "slug": "lamp",
        "price": "20.00",
        "compare_at_price": None,
        "currency": "USD",
        "is_on_sale": False,
        "discount_percentage": 0,
        "primary_image": None,
        "category": None,
        "category_name": "",
        "stock_quantity": 0,
        "in_stock": False,
        "is_low_stock": True,
        "is_active": True,
        "is_featured": False,
        "has_variants": False,
        "rating_average": None,
        "rating_count": 0,
        "description": "",
        "sku": "LAMP",
        "track_inventory": True,
        "tags": [],
        "meta_title": "",
        "meta_description": "",
        "images": [],
        "variants": [],
        "options": [],
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        **inside,
    }


async def test_a_product_is_created_from_everything(staff: Caller, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Home")])
    given = {
        "name": "Lamp “Größe”",
        "slug": "the-lamp",
        "sku": "LAMP 1",
        "price": 29.99,
        "compare_at_price": 39,
        "cost_per_item": "0",
        "currency": "USD",
        "tags": ["new", "light", "new"],
        "is_active": False,
        "is_featured": True,
        "low_stock_threshold": 0,
        "meta_title": "A lamp",
        "meta_description": "Light\nitself",
        "stock_quantity": 12,
    }
    made = await staff.make(**given, category="home", description="<p onclick='x()'>Hi<script>bad()</script></p>")
    expected = given | {
        "price": "29.99",
        "compare_at_price": "39.00",
        "cost_per_item": "0.00",
        "tags": ["new", "light"],
    }
    assert {name: made[name] for name in expected} == expected
    assert (made["description"], made["category"]["slug"], made["category"]["ancestors"]) == ("<p>Hi</p>", "home", [])
    assert (made["discount_percentage"], made["on_hand"]) == (23, 12)


async def test_variants_have_the_stock_and_make_the_options(staff: Caller) -> None:
    made = await staff.make(**SHIRT, stock_quantity=0)
    assert [(one["sku"], one["price"], one["stock_quantity"]) for one in made["variants"]] == [
        ("SHIRT-S", "10.00", 3),
        ("SHIRT-L", "12.50", 0),
    ]
    assert made["options"] == [{"name": "Size", "values": ["S", "L"]}]
    assert (made["has_variants"], made["stock_quantity"]) == (True, 3)
    refused(
        await staff("POST", "", SHIRT | {"sku": "OTHER", "stock_quantity": 1}),
        422,
        "validation-error",
        ("/stock_quantity", "invalid-value"),
    )


async def test_a_slug_is_made_from_the_name_with_the_first_free_number(staff: Caller) -> None:
    slugs = [(await staff.make(name=name, price="1", sku=f"S{n}"))["slug"] for n, name in enumerate(NAMES)]
    assert slugs == ["lamp", "lamp-2", "lamp-3", "featured-2", "product", "product-2", f"product-{ID}", "a-b"]
    refused(await staff("POST", "", LAMP | {"slug": "lamp"}), 409, "slug-taken")
    refused(await staff("POST", "", LAMP | {"slug": "suggest"}), 409, "slug-taken")
    refused(await staff("POST", "", LAMP | {"slug": ID}), 422, "validation-error", ("/slug", "invalid-format"))


ID = "0190a000-0000-7000-8000-000000000001"
NAMES = ["Lamp", "lamp!", "LÁMP", "Featured", "灯", "!!!", ID, "  a / b  "]


async def test_a_sku_is_taken_once(staff: Caller) -> None:
    await staff.make(**SHIRT)
    for sku in ("SHIRT", "SHIRT-L"):
        answer = await staff("POST", "", LAMP | {"sku": sku})
        refused(answer, 409, "sku-taken")
        assert answer.json()["sku"] == sku
    twins = [{"name": "S", "sku": "X", "attributes": {}}] * 2
    refused(
        await staff("POST", "", LAMP | {"variants": twins}), 422, "validation-error", ("/variants", "duplicate-sku")
    )


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "/name", "too-short"),
    ({"name": "   "}, "/name", "required"),
    ({"name": "x" * 256}, "/name", "too-long"),
    ({"name": 5}, "/name", "invalid-type"),
    ({"name": "a\u0000b"}, "/name", "invalid-text"),
    ({"name": "a\nb"}, "/name", "invalid-format"),
    ({"sku": ""}, "/sku", "invalid-format"),
    ({"sku": "LAMP\n"}, "/sku", "invalid-format"),
    ({"name": "Lamp\n"}, "/name", "invalid-format"),
    ({"slug": "lamp\n"}, "/slug", "invalid-format"),
    ({"sku": " LAMP"}, "/sku", "invalid-format"),
    ({"slug": "Not A Slug"}, "/slug", "invalid-format"),
    ({"slug": None}, "/slug", "invalid-type"),
    ({"price": None}, "/price", "invalid-type"),
    ({"price": True}, "/price", "invalid-type"),
    ({"price": {}}, "/price", "invalid-type"),
    ({"price": ""}, "/price", "invalid-money"),
    ({"price": "-1"}, "/price", "invalid-money"),
    ({"price": -1}, "/price", "invalid-money"),
    ({"price": "1.999"}, "/price", "invalid-money"),
    ({"price": 1.999}, "/price", "invalid-money"),
    ({"price": "1e2"}, "/price", "invalid-money"),
    ({"price": "NaN"}, "/price", "invalid-money"),
    ({"price": "٣"}, "/price", "invalid-money"),
    ({"price": " 1"}, "/price", "invalid-money"),
    ({"price": "100000000"}, "/price", "invalid-money"),
    ({"price": 99999999.01}, "/price", "invalid-money"),
    ({"cost_per_item": "x"}, "/cost_per_item", "invalid-money"),
    ({"compare_at_price": []}, "/compare_at_price", "invalid-type"),
    ({"currency": "EUR"}, "/currency", "invalid-choice"),
    ({"category": "nothing"}, "/category", "invalid-choice"),
    ({"category": 7}, "/category", "invalid-type"),
    ({"tags": "new"}, "/tags", "invalid-type"),
    ({"tags": [""]}, "/tags/0", "too-short"),
    ({"tags": ["x"] * 101}, "/tags", "too-long"),
    ({"is_active": "true"}, "/is_active", "invalid-type"),
    ({"is_active": 1}, "/is_active", "invalid-type"),
    ({"stock_quantity": -1}, "/stock_quantity", "out-of-range"),
    ({"stock_quantity": "2"}, "/stock_quantity", "invalid-type"),
    ({"stock_quantity": 2.5}, "/stock_quantity", "invalid-type"),
    ({"stock_quantity": 1_000_001}, "/stock_quantity", "out-of-range"),
    ({"stock_quantity": 2**63}, "/stock_quantity", "out-of-range"),
    ({"stock_quantity": 5, "track_inventory": False}, "/stock_quantity", "invalid-value"),
    ({"images": []}, "/images", "unknown-field"),
    ({"rating_count": 5}, "/rating_count", "unknown-field"),
    ({"variants": [{"name": "S", "sku": "S"}]}, "/variants/0/attributes", "required"),
    ({"variants": [{"name": "S", "sku": "S", "attributes": {}, "price": "x"}]}, "/variants/0/price", "invalid-money"),
    ({"variants": [{"name": "S", "sku": "S", "attributes": {}, "id": ID}]}, "/variants/0/id", "unknown-field"),
    ({"variants": [{"name": "S", "sku": "S", "attributes": {"a": 1}}]}, "/variants/0/attributes", "invalid-type"),
    ({"variants": [{"name": f"{n}", "sku": f"{n}", "attributes": {}} for n in range(251)]}, "/variants", "too-many"),
]


@pytest.mark.parametrize(("fields", "pointer", "code"), BAD, ids=range(len(BAD)))
@IN_MEMORY
async def test_bad_fields_are_refused_at_creation_and_change(
    staff: Caller, fields: dict[str, Any], pointer: str, code: str
) -> None:
    refused(await staff("POST", "", LAMP | fields), 422, "validation-error", (pointer, code))
    await staff.make(**LAMP)
    refused(await staff("PATCH", "lamp/", fields), 422, "validation-error", (pointer, code))


@pytest.mark.parametrize("price", [b"1e2", b"1E0", b"0.1e1", b"1.0E+2", b"-0", b"29.990", b'"\xff"'])
@IN_MEMORY
async def test_numbers_that_are_no_amounts_are_refused(staff: Caller, price: bytes) -> None:
    body = b'{"name": "Lamp", "sku": "LAMP", "price": %b}' % price
    refused(await staff("POST", "", body), 422, "validation-error", ("/price", "invalid-money"))


@pytest.mark.parametrize(
    ("price", "shown"), [(b"5", "5.00"), (b"0.10", "0.10"), (b'"007.5"', "7.50"), (b"4.35", "4.35")]
)
@IN_MEMORY
async def test_amounts_are_read_exactly(staff: Caller, price: bytes, shown: str) -> None:
    answer = await staff("POST", "", b'{"name": "Lamp", "sku": "LAMP", "price": %b}' % price)
    assert answer.json()["price"] == shown


@pytest.mark.parametrize("missing", ["name", "price", "sku"])
@IN_MEMORY
async def test_name_price_and_sku_are_required(staff: Caller, missing: str) -> None:
    body = {name: value for name, value in LAMP.items() if name != missing}
    refused(await staff("POST", "", body), 422, "validation-error", (f"/{missing}", "required"))


@IN_MEMORY
async def test_broken_json_is_malformed(staff: Caller) -> None:
    refused(await staff("POST", "", b'{"name": '), 400, "malformed-body")


async def test_only_catalogue_managers_write(
    container: AsyncContainer, client: httpx.AsyncClient, staff: Caller
) -> None:
    await staff.make(**LAMP)
    nobody = Caller(client, {})
    others = [await caller(container, client, role) for role in (Role.CUSTOMER, Role.ORDER_MANAGER, Role.ANALYST)]
    for method, path in (("POST", ""), ("PATCH", "lamp/"), ("DELETE", "lamp/"), ("PATCH", "nothing/")):
        refused(await nobody(method, path, b"{broken"), 401, "not-authenticated")
        for other in others:
            refused(await other(method, path, b"{broken"), 403, "forbidden")
    admin = await caller(container, client, Role.ADMIN)
    assert (await admin("PATCH", "lamp/", {"name": "Light"})).status_code == 200


async def test_a_patch_changes_the_named_fields_only(staff: Caller) -> None:
    made = await staff.make(**LAMP, tags=["new"], stock_quantity=3, compare_at_price="30")
    answer = await staff("PATCH", "lamp/", {"price": "25", "compare_at_price": None})
    changed = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2.1"')
    differs = {name for name in made if made[name] != changed[name]}
    assert differs == {"price", "compare_at_price", "is_on_sale", "discount_percentage", "updated_at"}
    nothing = await staff("PATCH", f"{made['id']}/", {})
    assert (nothing.json(), nothing.headers["etag"]) == (changed, '"2.1"')
    absent = await staff("PATCH", "lamp/")
    assert (absent.status_code, absent.json()) == (200, changed)


async def test_stock_category_and_slug_are_patched(staff: Caller, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([home := a_category("Home")])
    await staff.make(**LAMP, stock_quantity=3)
    stocked = await staff("PATCH", "lamp/", {"stock_quantity": 8})
    assert (stocked.json()["stock_quantity"], stocked.headers["etag"]) == (8, '"1.2"')
    assert (await staff("PATCH", "lamp/", {"category": str(home.id)})).json()["category_name"] == "Home"
    assert (await staff("PATCH", "lamp/", {"category": None})).json()["category"] is None
    assert (await staff("PATCH", "lamp/", {"slug": "light"})).json()["slug"] == "light"
    refused(await staff("PATCH", "lamp/", {}), 404, "product-not-found")
    await staff.make(name="Other", price="1", sku="OTHER")
    refused(await staff("PATCH", "light/", {"slug": "other"}), 409, "slug-taken")
    refused(await staff("PATCH", "light/", {"sku": "OTHER"}), 409, "sku-taken")


async def test_variants_are_replaced_and_keep_their_ids(staff: Caller) -> None:
    made = await staff.make(**SHIRT)
    small = made["variants"][0]
    variants = [
        {"name": "Tiny", "sku": "SHIRT-S", "attributes": {"Size": "XS"}},
        {"name": "Huge", "sku": "SHIRT-H", "attributes": {"Size": "H"}, "stock_quantity": 2},
    ]
    changed = (await staff("PATCH", "shirt/", {"variants": variants})).json()
    assert [(one["name"], one["stock_quantity"]) for one in changed["variants"]] == [("Tiny", 3), ("Huge", 2)]
    assert changed["variants"][0]["id"] == small["id"]
    assert changed["stock_quantity"] == 5
    plain = (await staff("PATCH", "shirt/", {"variants": [], "stock_quantity": 4})).json()
    assert (plain["has_variants"], plain["stock_quantity"]) == (False, 4)


async def test_if_match_lets_only_the_meant_version_be_changed(staff: Caller) -> None:
    await staff.make(**LAMP, stock_quantity=3)
    refused(await staff("PATCH", "lamp/", {"name": "A"}, If_Match='"2.1"'), 412, "precondition-failed")
    refused(await staff("PATCH", "lamp/", {"name": "A"}, If_Match='W/"1.1"'), 412, "precondition-failed")
    refused(await staff("PATCH", "lamp/", {"name": "A"}, If_Match="nonsense"), 412, "precondition-failed")
    refused(await staff("DELETE", "lamp/", If_Match='"2.1"'), 412, "precondition-failed")
    await staff("PATCH", "lamp/", {"stock_quantity": 1})
    changed = await staff("PATCH", "lamp/", {"name": "A"}, If_Match='"7.0", "1.1"')  # stock moved, the product did not
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2.2"')
    assert (await staff("PATCH", "lamp/", {"name": "B"}, If_Match="*")).status_code == 200
    assert (await staff("DELETE", "lamp/", If_Match='"3.2"')).status_code == 204


async def test_a_deleted_product_is_gone_and_its_names_are_free(staff: Caller, anyone: Caller) -> None:
    await staff.make(**SHIRT)
    answer = await staff("DELETE", "shirt/")
    assert (answer.status_code, answer.content) == (204, b"")
    for path in ("shirt/", "nothing/", f"{uuid4()}/"):
        refused(await staff("DELETE", path), 404, "product-not-found")
        refused(await anyone("GET", path), 404, "product-not-found")
    again = await staff.make(**SHIRT)
    assert (again["slug"], again["stock_quantity"]) == ("shirt", 3)
