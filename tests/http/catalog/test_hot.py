"""Hot reads: answered before Litestar, as Litestar would, and never with what a change has overtaken."""

import asyncio
import gzip
from typing import Any

import httpx
import zstandard
from dishka import AsyncContainer

from adapters.postgres.counting import StatementCount
from adapters.postgres.database import Database
from application.ports import Store
from domain.inventory import Sku
from entrypoints.container import make_container
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.builders import NOW, a_category, new_id
from tests.http.catalog.asking import IN_MEMORY, LAMP, ON_POSTGRES, SHIRT, Caller, caller
from tests.http.conftest import opened


async def furnished(staff: Caller, store: Store) -> None:
    async with store.transaction() as tx:
        await tx.categories.save([a_category("Lights", slug="lights")])
    for n in range(3):
        await staff.make(
            name=f"Lamp {n}", price=f"{n + 1}", sku=f"L{n}", category="lights", is_featured=True, tags=["new"]
        )
    await staff.make(**SHIRT)


PATHS = (
    "products/",
    "products",
    "products/?page_size=2",
    "products/?page_size=2&ordering=-price&tag=new&min_price=1&in_stock=false",
    "products/?tag=new&tag=none",
    "products/?attr.Size=S&attr.Size=L",
    "products/?search=l%C3%A4mp",
    "products/?category=lights&is_featured=true",
    "products/?is_active=false",
    "products/?page_size=0",
    "products/?page_size=1&page_size=2",
    "products/?page_size=",
    "products/?min_price=cheap",
    "products/?currency=EUR",
    "products/?cursor=made-up",
    "products/?in_stock=perhaps",
    "products/?unknown=1",
    "products/?ordering=colour",
    "products/featured/",
    "products/suggest/?q=la",
    "products/suggest/?q=" + "x" * 300,
    "products/lamp-1/",
    "products/lamp-1?x=1",
    "products/nothing/",
    "products/l%C3%A4mp/",
    "products/bulk/",
    "categories/",
    "categories/?tree=true",
    "categories/?page_size=101",
    "categories/lights/",
    "categories/nothing/",
    "categories/lights/products/?ordering=name",
    "categories/nothing/products/",
)


async def test_a_hot_read_is_answered_as_any_other(
    staff: Caller, container: AsyncContainer, client: httpx.AsyncClient, store: Store
) -> None:
    await furnished(staff, store)
    signed_in = await caller(container, client)  # whose requests are Litestar's

    async def told(method: str, path: str, language: str, headers: dict[str, str]) -> tuple[Any, ...]:
        headers = {"Accept-Language": language, **headers}
        answer = await client.request(method, f"/api/products/{path}", headers=headers)
        shown = sorted(header for header in answer.headers.multi_items() if header[0] != "x-request-id")
        return answer.status_code, answer.content.replace(answer.headers["x-request-id"].encode(), b"-"), shown

    for path in PATHS:
        for method, language in (("GET", "en"), ("GET", "de"), ("HEAD", "en")):
            asked = [await told(method, path, language, headers) for headers in ({}, {}, signed_in.headers)]
            assert asked[0] == asked[1] == asked[2], (method, path)


async def test_a_page_of_a_hot_list_leads_to_the_next(staff: Caller, anyone: Caller, store: Store) -> None:
    await furnished(staff, store)
    first = await anyone.get("?page_size=3")
    second = await anyone.get(first["next"].removeprefix("/api/products/products/"))
    assert len(first["results"] + second["results"]) == 4
    assert await anyone.get(second["previous"].removeprefix("/api/products/products/")) == first


@ON_POSTGRES
async def test_a_hundred_who_ask_at_once_cost_one_statement(
    staff: Caller, anyone: Caller, container: AsyncContainer
) -> None:
    count = StatementCount()
    count.watch((database := await container.get(Database)).engine)
    await database.close()  # who made the people connected before the count listened
    await staff.make(**LAMP)
    for path in ("", "?page_size=7", "lamp/", "featured/", "categories/"):
        count.begin()
        answers = await asyncio.gather(*(anyone("GET", path) for _ in range(100)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert len(await count.statements()) == 1, path


async def test_a_change_is_in_list_detail_and_category_at_once(staff: Caller, anyone: Caller, store: Store) -> None:
    await furnished(staff, store)
    for price in ("7.00", "8.00", "9.00"):
        for path in ("", "featured/", "categories/lights/products/", "search/?q=lamp", "lamp-1/"):
            await anyone.get(path)
        assert (await staff("PATCH", "lamp-1/", {"price": price})).status_code == 200
        for path in ("", "featured/", "categories/lights/products/"):
            shown = {item["slug"]: item["price"] for item in (await anyone.get(path))["results"]}
            assert shown["lamp-1"] == price, path
        assert (await anyone.get("lamp-1/"))["price"] == price
        found = {item["slug"]: item["price"] for item in (await anyone.get("search/?q=lamp"))["results"]}
        assert found["lamp-1"] == price
    assert (await anyone.get("categories/lights/"))["products_count"] == 3
    await staff("PATCH", "lamp-1/", {"is_active": False})
    assert (await anyone("GET", "lamp-1/")).status_code == 404
    for path in ("", "featured/", "categories/lights/products/"):
        assert "lamp-1" not in (await anyone("GET", path)).text, path
    assert (await anyone.get("categories/lights/"))["products_count"] == 2


async def test_a_sale_is_in_the_detail_at_once_and_leaves_others_alone(
    staff: Caller, anyone: Caller, store: Store
) -> None:
    for made in (LAMP, SHIRT):
        await staff.make(**made, **({"stock_quantity": 3} if made is LAMP else {}))
    before = await anyone("GET", "lamp/")
    for left in (2, 1, 0):
        async with store.transaction() as tx:
            shelf = await tx.stock.take([Sku("LAMP")])
            shelf.reserve({Sku("LAMP"): 1}, new_id(), NOW)
            await tx.stock.save(shelf)
        answer = await anyone("GET", "lamp/", If_None_Match=before.headers["etag"])
        assert (answer.status_code, answer.json()["stock_quantity"]) == (200, left)


async def test_a_category_that_is_renamed_is_so_in_details(staff: Caller, anyone: Caller, store: Store) -> None:
    await furnished(staff, store)
    assert (await anyone.get("lamp-1/"))["category_name"] == "Lights"
    await anyone.get("categories/")
    assert (await staff("PATCH", "categories/lights/", {"name": "Lamps"})).status_code == 200
    assert (await anyone.get("lamp-1/"))["category_name"] == "Lamps"
    assert [one["name"] for one in (await anyone.get("categories/"))["results"]] == ["Lamps"]


async def test_what_is_kept_is_packed_as_the_caller_wants_it(staff: Caller, client: httpx.AsyncClient) -> None:
    await staff.make(**LAMP, description="word " * 500)
    bodies = []
    for coding, unpack in (("", bytes), ("gzip", gzip.decompress), ("zstd", zstandard.ZstdDecompressor().decompress)):
        for _ in range(2):
            url = "/api/products/products/lamp/"
            async with client.stream("GET", url, headers={"Accept-Encoding": coding}) as answer:
                raw = b"".join([part async for part in answer.aiter_raw()])
            assert answer.headers.get("content-encoding", "") == coding
            assert answer.headers["content-length"] == str(len(raw))
            assert answer.headers["etag"] == '"1.1"'
            bodies.append(unpack(raw))
    assert len(set(bodies)) == 1


@ON_POSTGRES
async def test_another_process_shows_a_change_within_a_second_or_so(
    staff: Caller, anyone: Caller, settings: Settings, container: AsyncContainer
) -> None:
    await staff.make(**LAMP)
    other = make_container(await container.get(Settings))
    async with opened(build_app(settings, other)) as client:
        elsewhere = Caller(client, {})
        for path in ("", "lamp/", "?page_size=3"):
            assert '"20.00"' in (await elsewhere("GET", path)).text
        await staff("PATCH", "lamp/", {"price": "21"})
        for path in ("", "lamp/", "?page_size=3"):
            assert '"21.00"' in (await anyone("GET", path)).text
            async with asyncio.timeout(3):
                while '"21.00"' not in (await elsewhere("GET", path)).text:  # noqa: ASYNC110 - time has to pass
                    await asyncio.sleep(0.02)
    await other.close()


@IN_MEMORY
async def test_without_the_cache_hot_reads_are_answered_all_the_same(
    staff: Caller, container: AsyncContainer, settings: Settings
) -> None:
    await staff.make(**LAMP)
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    async with opened(build_app(Settings(**{**values, "cache": False}), container)) as client:
        answers = [await client.get("/api/products/products/lamp/") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
