"""The catalogue over HTTP: what everybody reads, what staff write, and what is refused."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from dishka import AsyncContainer

from adapters.postgres.counting import StatementCount
from adapters.postgres.database import Database
from application.ports import AccessTokens, Store
from domain.accounts import Role, User, UserId
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.builders import NOW, a_category, new_id
from tests.http.conftest import opened

LAMP = {"name": "Lamp", "price": "20", "sku": "LAMP"}
SHIRT = {
    "name": "Shirt",
    "price": "10.00",
    "sku": "SHIRT",
    "variants": [
        {"name": "S", "sku": "SHIRT-S", "stock_quantity": 3, "attributes": {"Size": "S"}},
        {"name": "L", "sku": "SHIRT-L", "price": "12.5", "attributes": {"Size": "L"}},
    ],
}


# What is refused before any store hears of it.
IN_MEMORY = pytest.mark.parametrize("container", ["memory"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize("container", ["postgres"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, secret_key="a secret key for tests, long enough")


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the shop, with or without a token."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        return await self.client.request(
            method,
            f"/api/products/{path if path.startswith('categories/') else f'products/{path}'}",
            content=content,
            headers={**self.headers, **kind, **told},
        )

    async def get(self, path: str = "", **headers: str) -> Any:
        answer = await self("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def make(self, **fields: Any) -> Any:
        answer = await self("POST", "", fields)
        assert answer.status_code == 201, answer.text
        return answer.json()


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(settings, container)) as client:
        yield client


async def caller(container: AsyncContainer, client: httpx.AsyncClient, *roles: Role) -> Caller:
    tokens = await container.get(AccessTokens)
    user = User.register(UserId(new_id()), f"{uuid4().hex}@example.com", "x", NOW, roles=roles)
    return Caller(client, {"Authorization": f"Bearer {tokens.issue(user, uuid4())}"})


@pytest.fixture
async def anyone(client: httpx.AsyncClient) -> Caller:
    return Caller(client, {})


@pytest.fixture
async def staff(container: AsyncContainer, client: httpx.AsyncClient) -> Caller:
    return await caller(container, client, Role.CATALOG_MANAGER)


def refused(answer: httpx.Response, status: int, code: str, *fields: tuple[str, str]) -> None:
    """The answer is that problem, about those fields, each (pointer, code)."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert [(error["pointer"], error["code"]) for error in problem.get("errors", [])] == list(fields)


# -- writing


async def test_a_product_is_created_from_three_fields(staff: Caller, anyone: Caller) -> None:
    answer = await staff("POST", "", LAMP)
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/products/products/lamp/")
    assert answer.headers["etag"] == '"1.1"'
    inside = {"cost_per_item": None, "low_stock_threshold": 5, "on_hand": 0, "reserved": 0}
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


# -- reading


async def test_a_detail_that_the_caller_has_is_not_sent_again(staff: Caller, anyone: Caller) -> None:
    await staff.make(**LAMP)
    first = await anyone("GET", "lamp")
    tag = first.headers["etag"]
    assert tag == '"1.1"'
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = await anyone("GET", "lamp/", If_None_Match=known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    await staff("PATCH", "lamp/", {"stock_quantity": 5})
    answer = await anyone("GET", "lamp/", If_None_Match=tag)
    assert (answer.status_code, answer.headers["etag"], answer.json()["stock_quantity"]) == (200, '"1.2"', 5)
    assert (await staff("GET", "lamp/")).headers["etag"] == '"1.2"'


async def test_what_is_inside_is_for_staff(staff: Caller, anyone: Caller) -> None:
    await staff.make(**LAMP, cost_per_item="7", stock_quantity=3)
    inside = {"cost_per_item", "low_stock_threshold", "on_hand", "reserved"}
    assert inside <= set(await staff.get("lamp/"))
    for path in ("lamp/", "", "?search=lamp", "featured/"):
        text = (await anyone("GET", path)).text
        assert '"lamp"' in text or path == "featured/"
        assert not any(name in text for name in inside)


async def test_an_inactive_product_is_found_by_staff_alone(staff: Caller, anyone: Caller) -> None:
    made = await staff.make(**LAMP, is_active=False)
    for ref in ("lamp/", f"{made['id']}/"):
        refused(await anyone("GET", ref), 404, "product-not-found")
        assert (await staff.get(ref))["is_active"] is False
    assert (await anyone.get("?is_active=false"))["results"] == (await staff.get())["results"] == []
    assert [item["slug"] for item in (await staff.get("?is_active=false"))["results"]] == ["lamp"]


async def test_pages_refer_to_each_other_with_all_filters(staff: Caller, anyone: Caller) -> None:
    for n in range(5):
        await staff.make(name=f"Lamp {n}", price=f"{n}", sku=f"L{n}", tags=["a&b"])
    query = "?ordering=-price&tag=a%26b&page_size=2"
    first = await anyone.get(query)
    assert (first["previous"], [one["price"] for one in first["results"]]) == (None, ["4.00", "3.00"])
    assert first["next"].startswith("/api/products/products/?ordering=-price&tag=a%26b&page_size=2&cursor=")
    second = await anyone.get(first["next"].removeprefix("/api/products/products/"))
    assert [one["price"] for one in second["results"]] == ["2.00", "1.00"]
    assert await anyone.get(second["previous"].removeprefix("/api/products/products/")) == first
    third = await anyone.get(second["next"].removeprefix("/api/products/products/"))
    assert ([one["price"] for one in third["results"]], third["next"]) == (["0.00"], None)


async def test_every_filter_is_read_from_the_query(staff: Caller, anyone: Caller, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Home")])
    await staff.make(
        **LAMP, category="home", tags=["a", "b"], compare_at_price="30", is_featured=True, stock_quantity=1
    )
    await staff.make(**SHIRT)

    async def slugs(query: str) -> list[str]:
        return [item["slug"] for item in (await anyone.get(f"?ordering=name&{query}"))["results"]]

    assert await slugs("currency=USD") == ["lamp", "shirt"]
    for query in (
        *("category=home", "min_price=20", "in_stock=true&max_price=20.00&min_price=11", "is_featured=true"),
        *("is_on_sale=true", "tag=a&tag=b", "search=AMP", "attr.Size=S&attr.Size=L&category=home&search=shirt"),
    ):
        assert await slugs(query) == (["lamp"] if "attr" not in query else [])
    assert await slugs("attr.Size=S") == await slugs("attr.Size=L&attr.Size=M") == ["shirt"]
    assert await slugs("is_on_sale=false") == ["shirt"]
    assert [item["slug"] for item in (await anyone.get("categories/home/products/?in_stock=true"))["results"]] == [
        "lamp"
    ]
    assert [item["slug"] for item in (await anyone.get("featured/"))["results"]] == ["lamp"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=x", "page_size"),
        ("cursor=x", "cursor"),
        ("cursor=", "cursor"),
        ("ordering=size", "ordering"),
        ("min_price=-1", "min_price"),
        ("min_price=1e2", "min_price"),
        ("max_price=", "max_price"),
        ("currency=EUR", "currency"),
        ("in_stock=maybe", "in_stock"),
        ("is_featured=", "is_featured"),
        ("search=" + "x" * 201, "search"),
        ("search=%00", "search"),
        ("attr.a%00=x", "attr.a"),
        ("&".join(f"attr.{name}={n}" for name in "abc" for n in range(5)), "attr"),
    ],
)
@pytest.mark.parametrize("path", ["", "categories/home/products/"])
@IN_MEMORY
async def test_a_bad_query_is_refused(anyone: Caller, store: Store, path: str, query: str, pointer: str) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Home")])
    answer = await anyone("GET", f"{path}?{query}")
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer]), (
        answer.text
    )


async def test_hostile_words_find_nothing_and_break_nothing(staff: Caller, anyone: Caller) -> None:
    await staff.make(**LAMP)
    for words in ("%", "_", "\\", "'", '"', "';--", "%F0%9F%92%A1", "%FF", "%ED%A0%80"):
        for name in ("search", "tag", "category", "attr.x", "attr.'"):
            assert (await anyone.get(f"?{name}={words}"))["results"] == []
    for ref in ("%", "'", "%F0%9F%92%A1", "a b", "x" * 3000, "%FF", "00000000-0000-0000-0000-00000000000g"):
        refused(await anyone("GET", f"{ref}/"), 404, "product-not-found")


async def test_categories_are_listed_shown_and_hung_in_a_tree(anyone: Caller, staff: Caller, store: Store) -> None:
    home = a_category("Home")
    async with store.transaction() as tx:
        await tx.categories.save([home, a_category("Lamps", home), a_category("Attic", is_active=False)])
    await staff.make(**LAMP, category="lamps")
    page = await anyone.get("categories/")
    assert (page["next"], page["previous"], [one["slug"] for one in page["results"]]) == (None, None, ["home", "lamps"])
    assert list(page["results"][0]) == ["id", "name", "slug", "description", "parent", "is_active", "products_count"]
    tree = await anyone.get("categories/?tree=true")
    assert [(one["slug"], [child["slug"] for child in one["children"]]) for one in tree["results"]] == [
        ("home", ["lamps"])
    ]
    answer = await anyone("GET", f"categories/{home.id}/")
    assert (answer.json()["slug"], answer.json()["products_count"]) == ("home", 1)
    again = await anyone("GET", "categories/home", If_None_Match=answer.headers["etag"])
    assert again.status_code == 304
    for path in (
        "categories/attic/",
        "categories/nothing/",
        "categories/attic/products/",
        "categories/nothing/products",
    ):
        refused(await anyone("GET", path), 404, "category-not-found")
    assert (await staff.get("categories/attic/"))["is_active"] is False
    more = await anyone.get("categories/?page_size=1")
    assert more["next"].startswith("/api/products/categories/?page_size=1&cursor=")


@ON_POSTGRES
async def test_every_read_is_one_statement(
    container: AsyncContainer, anyone: Caller, staff: Caller, store: Store
) -> None:
    count = StatementCount()
    count.watch((await container.get(Database)).engine)
    async with store.transaction() as tx:
        await tx.categories.save([home := a_category("Home"), a_category("Lamps", home)])
    await staff.make(**LAMP, category="lamps", is_featured=True)
    made = await staff.make(**SHIRT)
    first = await anyone.get("?page_size=1")
    filters = "?category=home&min_price=1&in_stock=false&tag=x&attr.a=b&search=y&ordering=-popularity"
    for path in (
        *("", filters, first["next"].removeprefix("/api/products/products/"), "shirt/", f"{made['id']}/", "featured/"),
        *("categories/", "categories/?tree=true", "categories/home/", "categories/home/products/"),
    ):
        count.begin()
        assert (await anyone("GET", path)).status_code == 200
        assert len(await count.statements()) == 1, path


async def test_methods_that_are_not_there_are_refused(anyone: Caller) -> None:
    answer = await anyone("PUT", "lamp/")
    refused(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH"}
