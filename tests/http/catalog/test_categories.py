"""Categories over HTTP: what staff write, and what is refused."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from dishka import AsyncContainer

from domain.accounts import Role
from tests.http.catalog.asking import IN_MEMORY, LAMP, Caller, caller, refused


async def test_a_category_is_created_changed_and_deleted(staff: Caller, anyone: Caller) -> None:
    answer = await staff("POST", "categories/", {"name": "Home"})
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/products/categories/home/")
    assert made == {
        "id": str(UUID(made["id"])),
        "name": "Home",
        "slug": "home",
        "description": "",
        "parent": None,
        "is_active": True,
        "products_count": 0,
    }
    shown = await anyone("GET", "categories/home/")
    assert (shown.json(), shown.headers["etag"]) == (made, answer.headers["etag"])
    lamps = (await staff("POST", "categories/", {"name": "Lamps", "parent": "home", "is_active": False})).json()
    assert (lamps["parent"], lamps["is_active"]) == ({name: made[name] for name in ("id", "name", "slug")}, False)
    changed = await staff("PATCH", f"categories/{lamps['id']}/", {"parent": None, "slug": "lights", "is_active": True})
    assert changed.json() == lamps | {"parent": None, "slug": "lights", "is_active": True}
    assert (await staff("PATCH", "categories/lights/")).json() == changed.json()
    gone = await staff("DELETE", "categories/lights/")
    assert (gone.status_code, gone.content) == (204, b"")
    refused(await staff("DELETE", "categories/lights/"), 404, "category-not-found")
    refused(await staff("PATCH", "categories/lights/", {}), 404, "category-not-found")
    refused(await anyone("GET", "categories/lights/"), 404, "category-not-found")


async def test_a_cycle_and_a_full_category_are_refused(staff: Caller) -> None:
    await staff("POST", "categories/", {"name": "Home"})
    await staff("POST", "categories/", {"name": "Lamps", "parent": "home"})
    await staff.make(**LAMP, category="lamps")
    refused(await staff("PATCH", "categories/home/", {"parent": "lamps"}), 409, "category-cycle")
    refused(await staff("PATCH", "categories/home/", {"parent": "home"}), 409, "category-cycle")
    refused(await staff("POST", "categories/", {"name": "X", "slug": "home"}), 409, "slug-taken")
    refused(await staff("PATCH", "categories/lamps/", {"slug": "home"}), 409, "slug-taken")
    for ref, products, categories in (("lamps", 1, 0), ("home", 0, 1)):
        answer = await staff("DELETE", f"categories/{ref}/")
        refused(answer, 409, "category-not-empty")
        assert (answer.json()["products"], answer.json()["categories"]) == (products, categories)


async def test_the_tree_has_twenty_levels_at_most(staff: Caller) -> None:
    parent = None
    for n in range(20):
        parent = (await staff("POST", "categories/", {"name": f"C{n}", "parent": parent})).json()["slug"]
    refused(await staff("POST", "categories/", {"name": "X", "parent": parent}), 409, "category-too-deep")


async def test_if_match_lets_only_the_meant_version_be_changed(staff: Caller) -> None:
    tag = (await staff("POST", "categories/", {"name": "Home"})).headers["etag"]
    refused(await staff("PATCH", "categories/home/", {"name": "A"}, If_Match='"2.0-0"'), 412, "precondition-failed")
    refused(await staff("DELETE", "categories/home/", If_Match='"2.0-0"'), 412, "precondition-failed")
    changed = await staff("PATCH", "categories/home/", {"name": "A"}, If_Match=tag)
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    refused(await staff("PATCH", "categories/home/", {"name": "B"}, If_Match=tag), 412, "precondition-failed")
    assert (await staff("DELETE", "categories/home/", If_Match=changed.headers["etag"])).status_code == 204


async def test_products_tell_at_once_of_what_became_of_their_categories(staff: Caller, anyone: Caller) -> None:
    await staff("POST", "categories/", {"name": "Home"})
    await staff("POST", "categories/", {"name": "Lamps", "parent": "home"})
    await staff.make(**LAMP, category="lamps")
    tag = (await anyone("GET", "lamp/")).headers["etag"]
    await staff("PATCH", "categories/home/", {"name": "House"})
    detail = await anyone("GET", "lamp/", If_None_Match=tag)
    assert (detail.status_code, detail.json()["category"]["ancestors"][0]["name"]) == (200, "House")
    assert (await staff("PATCH", "lamp/", {"name": "Light"}, If_Match=detail.headers["etag"])).status_code == 200
    await staff("PATCH", "categories/lamps/", {"name": "Lights", "slug": "lights"})
    assert [item["category_name"] for item in (await anyone.get("?category=lights"))["results"]] == ["Lights"]
    assert (await anyone.get("?category=lamps"))["results"] == []


BAD: list[tuple[Any, str, str]] = [
    ({"name": ""}, "/name", "too-short"),
    ({"name": " "}, "/name", "required"),
    ({"name": "a\nb"}, "/name", "invalid-format"),
    ({"name": None}, "/name", "invalid-type"),
    ({"name": "a\u0000b"}, "/name", "invalid-text"),
    ({"slug": "A b"}, "/slug", "invalid-format"),
    ({"slug": "0190a000-0000-7000-8000-000000000001"}, "/slug", "invalid-format"),
    ({"parent": "nothing"}, "/parent", "invalid-choice"),
    ({"parent": 7}, "/parent", "invalid-type"),
    ({"is_active": 1}, "/is_active", "invalid-type"),
    ({"description": None}, "/description", "invalid-type"),
    ({"products_count": 5}, "/products_count", "unknown-field"),
]


@pytest.mark.parametrize(("fields", "pointer", "code"), BAD, ids=range(len(BAD)))
@IN_MEMORY
async def test_bad_fields_are_refused(staff: Caller, fields: dict[str, Any], pointer: str, code: str) -> None:
    refused(await staff("POST", "categories/", {"name": "Home"} | fields), 422, "validation-error", (pointer, code))
    await staff("POST", "categories/", {"name": "Home"})
    refused(await staff("PATCH", "categories/home/", fields), 422, "validation-error", (pointer, code))


async def test_a_category_needs_a_name(staff: Caller) -> None:
    refused(await staff("POST", "categories/", {}), 422, "validation-error", ("/name", "required"))


@IN_MEMORY
async def test_only_catalogue_managers_write(container: AsyncContainer, client: httpx.AsyncClient) -> None:
    nobody = Caller(client, {})
    others = [await caller(container, client, role) for role in (Role.CUSTOMER, Role.ORDER_MANAGER, Role.ANALYST)]
    for method, path in (("POST", "categories/"), ("PATCH", "categories/x/"), ("DELETE", "categories/x/")):
        refused(await nobody(method, path, b"{broken"), 401, "not-authenticated")
        for other in others:
            refused(await other(method, path, b"{broken"), 403, "forbidden")
