"""The catalogue over HTTP: what everybody reads."""

import pytest
from dishka import AsyncContainer

from adapters.postgres.counting import StatementCount
from adapters.postgres.database import Database
from application.ports import Store
from tests.builders import a_category
from tests.http.catalog.asking import IN_MEMORY, LAMP, ON_POSTGRES, SHIRT, Caller, refused


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
    count.watch((database := await container.get(Database)).engine)
    await database.close()  # who made the people connected before the count listened
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
