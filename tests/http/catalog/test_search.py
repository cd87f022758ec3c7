"""Search over HTTP: the contract's shapes, what it costs, and who may see what was looked for in vain."""

import asyncio

import pytest
from dishka import AsyncContainer

from adapters.postgres.counting import StatementCount
from adapters.postgres.database import Database
from domain.accounts import Role
from tests.http.catalog.asking import IN_MEMORY, LAMP, ON_POSTGRES, SHIRT, Caller, caller, refused


async def test_an_answer_has_the_contracts_shape(staff: Caller, anyone: Caller) -> None:
    await staff("POST", "categories/", {"name": "Home"})
    await staff("POST", "categories/", {"name": "Lights", "parent": "home"})
    await staff.make(**LAMP, category="lights", tags=["new"], stock_quantity=3)
    await staff.make(**SHIRT)
    found = await anyone.get("search/?q=lapm")
    assert list(found) == ["results", "next", "facets", "query", "took_ms"]
    assert found["results"] == (await anyone.get("?search=lamp"))["results"]
    assert (found["next"], found["query"], type(found["took_ms"])) == (None, {"q": "lapm", "corrected": "lamp"}, int)
    assert found["facets"] == {
        "category": [
            {"value": "home", "label": "Home", "count": 1},
            {"value": "lights", "label": "Lights", "count": 1},
        ],
        "price": {"min": "20.00", "max": "20.00", "ranges": [{"min": "10.00", "max": "24.99", "count": 1}]},
        "in_stock": [{"value": True, "count": 1}],
        "tags": [{"value": "new", "label": "new", "count": 1}],
        "attributes": {},
    }
    everything = await anyone.get("search/")
    assert [item["slug"] for item in everything["results"]] == ["shirt", "lamp"]
    assert everything["query"] == {"q": "", "corrected": None}
    assert everything["facets"]["attributes"] == {
        "Size": [{"value": "L", "label": "L", "count": 1}, {"value": "S", "label": "S", "count": 1}]
    }


async def test_search_takes_the_lists_filters_and_orderings(staff: Caller, anyone: Caller) -> None:
    for n in range(4):
        await staff.make(name=f"Lamp {n}", price=f"{n + 1}", sku=f"L{n}", tags=["a&b"] if n % 2 else [])
    await staff.make(**SHIRT)
    for query, found in (
        ("q=lamp&min_price=2&max_price=3", {"lamp-1", "lamp-2"}),
        ("q=lamp&tag=a%26b", {"lamp-1", "lamp-3"}),
        ("tag=a%26b", {"lamp-1", "lamp-3"}),
        ("attr.Size=S", {"shirt"}),
        ("q=lamp&attr.Size=S", set()),
        ("q=lamp&in_stock=true", set()),
        ("q=lamp&category=nothing", set()),
        ("q=lamp&is_featured=true", set()),
    ):
        assert {item["slug"] for item in (await anyone.get(f"search/?{query}"))["results"]} == found, query
    first = await anyone.get("search/?q=lamp&ordering=-price&page_size=3")
    assert [item["slug"] for item in first["results"]] == ["lamp-3", "lamp-2", "lamp-1"]
    assert first["next"].startswith("/api/products/products/search/?q=lamp&ordering=-price&page_size=3&cursor=")
    second = await anyone.get(first["next"].removeprefix("/api/products/products/"))
    assert ([item["slug"] for item in second["results"]], second["next"]) == (["lamp-0"], None)
    assert second["facets"] == first["facets"]


@IN_MEMORY
async def test_what_cannot_be_asked_is_refused(anyone: Caller) -> None:
    for query, field, code in (
        ("ordering=best", "ordering", "invalid-choice"),
        ("page_size=0", "page_size", "out-of-range"),
        ("q=lamp&cursor=x", "cursor", "invalid-cursor"),
        ("min_price=cheap", "min_price", "invalid-money"),
        ("currency=EUR", "currency", "invalid-choice"),
        (f"q={'x' * 201}", "q", "too-long"),
    ):
        refused(await anyone("GET", f"search/?{query}"), 422, "validation-error", (field, code))


async def test_a_change_is_found_at_the_next_request(staff: Caller, anyone: Caller) -> None:
    await staff.make(**LAMP)
    for change, q, shown in (
        ({"price": "25"}, "lamp", "25.00"),
        ({"name": "Torch"}, "torch", "25.00"),
        ({"stock_quantity": 7}, "torch", "25.00"),
    ):
        assert (await staff("PATCH", "lamp/", change)).status_code == 200
        (item,) = (await anyone.get(f"search/?q={q}"))["results"]
        assert item["price"] == shown
    (item,) = (await anyone.get("search/?q=torch"))["results"]
    assert (item["stock_quantity"], item["in_stock"]) == (7, True)
    await staff("PATCH", "lamp/", {"is_active": False})
    assert (await anyone.get("search/?q=torch"))["results"] == (await anyone.get("suggest/?q=to"))["results"] == []
    assert len((await staff.get("search/?q=torch&is_active=false"))["results"]) == 1


async def test_suggestions(staff: Caller, anyone: Caller) -> None:
    await staff.make(**LAMP)
    assert await anyone.get("suggest/?q=la") == {"results": [{"name": "Lamp", "slug": "lamp", "primary_image": None}]}
    assert await anyone.get("suggest/") == await anyone.get("suggest/?q=xqzv") == {"results": []}


async def test_managers_and_analysts_see_what_was_looked_for_in_vain(
    container: AsyncContainer, staff: Caller, anyone: Caller
) -> None:
    await staff.make(**LAMP)
    for q in ("Sofà", "sofa", "lamp", "lapm", "ann@example.com", "bed&category=home", ""):
        await anyone.get(f"search/?q={q}")
    await staff.get("search/?q=rug")
    analyst = await caller(container, staff.client, Role.ANALYST)
    path = "/api/products/search/misses/"
    async with asyncio.timeout(20):
        while not (seen := (await staff.client.get(path, headers=staff.headers)).json()["results"]):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert [(miss["q"], miss["count"]) for miss in seen] == [("sofa", 2)]
    assert seen[0]["last_seen"].endswith("Z")
    assert (await staff.client.get(path, headers=analyst.headers)).status_code == 200
    refused(await staff.client.get(path), 401, "not-authenticated")
    buyer = await caller(container, staff.client, Role.CUSTOMER)
    refused(await staff.client.get(path, headers=buyer.headers), 403, "forbidden")


@ON_POSTGRES
@pytest.mark.parametrize(
    ("path", "statements"),
    [
        ("search/?q=lamp", 2),
        ("search/?q=lapm", 2),
        ("search/?q=lamp&tag=new&in_stock=true&ordering=price", 2),
        ("search/?q=xqzv", 1),
        ("search/", 2),
        ("search/?category=home", 2),
        ("suggest/?q=la", 1),
        ("suggest/?q=lapm", 3),
    ],
)
async def test_a_search_costs_two_statements(
    container: AsyncContainer, staff: Caller, anyone: Caller, path: str, statements: int
) -> None:
    await staff.make(**LAMP)
    database = await container.get(Database)
    await database.close()
    count = StatementCount()
    count.watch(database.engine)
    await staff.get(path)  # the driver asks about types once; what staff are told is not kept
    count.begin()
    await anyone.get(path)
    assert len(await count.statements()) == statements
