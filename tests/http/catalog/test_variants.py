"""A product's variants over HTTP, one by one."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dishka import AsyncContainer

from domain.accounts import Role
from tests.http.catalog.asking import IN_MEMORY, LAMP, SHIRT, Caller, caller, refused

MEDIUM = {"name": "M", "sku": "SHIRT-M", "attributes": {"Size": "M"}}


async def test_a_variant_is_added_changed_and_removed(staff: Caller, anyone: Caller) -> None:
    await staff.make(**SHIRT)
    answer = await staff("POST", "shirt/variants/", MEDIUM | {"price": 11, "stock_quantity": 4})
    made = answer.json()
    assert made == {
        "id": str(UUID(made["id"])),
        "name": "M",
        "sku": "SHIRT-M",
        "price": "11.00",
        "compare_at_price": None,
        "stock_quantity": 4,
        "in_stock": True,
        "is_active": True,
        "attributes": {"Size": "M"},
        "weight": None,
    }
    seen = {name: told for name, told in made.items() if name != "weight"}
    where = f"/api/products/products/shirt/variants/{made['id']}/"
    assert (answer.status_code, answer.headers["location"]) == (201, where)
    shown = await anyone("GET", f"shirt/variants/{made['id']}/")
    assert (shown.json(), shown.headers["etag"]) == (seen, answer.headers["etag"])
    again = await anyone("GET", f"shirt/variants/{made['id']}/", If_None_Match=shown.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    detail = await anyone.get("shirt/")
    listed = await anyone.get("shirt/variants/")
    assert listed == {"next": None, "previous": None, "results": detail["variants"]}
    assert (detail["variants"][2], detail["options"]) == (seen, [{"name": "Size", "values": ["S", "L", "M"]}])
    assert detail["stock_quantity"] == 7
    changed = await staff("PATCH", f"shirt/variants/{made['id']}/", {"price": None, "compare_at_price": "15"})
    assert changed.json() == made | {"price": "10.00", "compare_at_price": "15.00"}
    stocked = await staff("PATCH", f"{detail['id']}/variants/{made['id']}/", {"stock_quantity": 0})
    assert (stocked.json()["stock_quantity"], stocked.json()["in_stock"]) == (0, False)
    gone = await staff("DELETE", f"shirt/variants/{made['id']}/")
    assert (gone.status_code, gone.content) == (204, b"")
    for method, body in (("GET", None), ("PATCH", b"{}"), ("DELETE", None)):
        refused(await staff(method, f"shirt/variants/{made['id']}/", body), 404, "variant-not-found")


async def test_an_inactive_variant_is_shown_to_staff_alone(staff: Caller, anyone: Caller) -> None:
    await staff.make(**SHIRT)
    made = (await staff("POST", "shirt/variants/", MEDIUM | {"is_active": False, "stock_quantity": 9})).json()
    refused(await anyone("GET", f"shirt/variants/{made['id']}/"), 404, "variant-not-found")
    assert (await staff.get(f"shirt/variants/{made['id']}/"))["is_active"] is False
    detail = await anyone.get("shirt/")
    assert (len(detail["variants"]), detail["options"][0]["values"], detail["stock_quantity"]) == (2, ["S", "L"], 3)
    assert (await anyone.get("?attr.Size=M"))["results"] == []


async def test_if_match_means_the_version_of_the_product(staff: Caller) -> None:
    tag = (await staff("POST", "", SHIRT)).headers["etag"]
    variant = f"shirt/variants/{(await staff.get('shirt/'))['variants'][0]['id']}/"
    refused(await staff("POST", "shirt/variants/", MEDIUM, If_Match='"7.0"'), 412, "precondition-failed")
    assert (await staff("POST", "shirt/variants/", MEDIUM, If_Match=tag)).status_code == 201
    for method, body in (("PATCH", {"name": "X"}), ("DELETE", None)):
        refused(await staff(method, variant, body, If_Match=tag), 412, "precondition-failed")
    changed = await staff("PATCH", variant, {"name": "X"}, If_Match=(await staff("GET", variant)).headers["etag"])
    assert changed.status_code == 200
    assert (await staff("DELETE", variant, If_Match=changed.headers["etag"])).status_code == 204


async def test_skus_are_unique_and_products_exist(staff: Caller) -> None:
    await staff.make(**SHIRT)
    await staff.make(**LAMP)
    variant = f"shirt/variants/{(await staff.get('shirt/'))['variants'][0]['id']}/"
    for sku in ("LAMP", "SHIRT-L"):
        for answer in (
            await staff("POST", "shirt/variants/", MEDIUM | {"sku": sku}),
            await staff("PATCH", variant, {"sku": sku}),
        ):
            refused(answer, 409, "sku-taken")
            assert answer.json()["sku"] == sku
    refused(await staff("POST", "nothing/variants/", MEDIUM), 404, "product-not-found")
    refused(await staff("GET", "nothing/variants/"), 404, "product-not-found")
    refused(await staff("PATCH", f"lamp/variants/{uuid4()}/", {}), 404, "variant-not-found")
    refused(await staff("PATCH", "lamp/variants/nonsense/", {}), 404, "not-found")


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"name": ""}, "/name", "too-short"),
    ({"sku": " X"}, "/sku", "invalid-format"),
    ({"attributes": {"Size": 1}}, "/attributes", "invalid-type"),
    ({"attributes": None}, "/attributes", "invalid-type"),
    ({"price": "-1"}, "/price", "invalid-money"),
    ({"compare_at_price": 1.999}, "/compare_at_price", "invalid-money"),
    ({"stock_quantity": -1}, "/stock_quantity", "out-of-range"),
    ({"is_active": "yes"}, "/is_active", "invalid-type"),
    ({"id": str(uuid4())}, "/id", "unknown-field"),
]


@pytest.mark.parametrize(("fields", "pointer", "code"), BAD, ids=range(len(BAD)))
@IN_MEMORY
async def test_bad_fields_are_refused(staff: Caller, fields: dict[str, Any], pointer: str, code: str) -> None:
    made = await staff.make(**SHIRT)
    refused(await staff("POST", "shirt/variants/", MEDIUM | fields), 422, "validation-error", (pointer, code))
    path = f"shirt/variants/{made['variants'][0]['id']}/"
    refused(await staff("PATCH", path, fields), 422, "validation-error", (pointer, code))


@IN_MEMORY
async def test_the_two_hundred_and_fifty_first_variant_is_refused(staff: Caller) -> None:
    variants = [{"name": f"{n}", "sku": f"S{n}", "attributes": {}} for n in range(250)]
    await staff.make(**SHIRT | {"variants": variants})
    refused(await staff("POST", "shirt/variants/", MEDIUM), 409, "too-many-variants")


@IN_MEMORY
async def test_only_catalogue_managers_write(container: AsyncContainer, client: httpx.AsyncClient) -> None:
    nobody, customer = Caller(client, {}), await caller(container, client, Role.CUSTOMER)
    one = f"x/variants/{uuid4()}/"
    for method, path in (("POST", "x/variants/"), ("PATCH", one), ("DELETE", one), ("POST", "bulk/")):
        refused(await nobody(method, path, b"{broken"), 401, "not-authenticated")
        refused(await customer(method, path, b"{broken"), 403, "forbidden")
