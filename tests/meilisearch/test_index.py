"""The index on a fake server: what it is told, what it finds, and what it does when the server fails it."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from adapters.meilisearch.client import MeilisearchClient, TaskFailed
from adapters.meilisearch.documents import SETTINGS
from adapters.meilisearch.index import MeilisearchIndex
from application.catalog.wishes import ProductFilter
from application.ports import Busy, PageRequest, Unavailable
from application.search.index import Document, Query
from application.search.standby import BeyondIndex
from application.search.views import FacetValue, StockCount
from domain.errors import InvalidField
from domain.money import Money
from tests.meilisearch.fake import FakeMeilisearch
from tests.meilisearch.shop import HOME, Shelf, a_document, an_index
from tests.meilisearch.truth import FILTERS, check_facets, many

PAGE = PageRequest(20)


async def names(index: MeilisearchIndex, q: str = "", **wanted: Any) -> list[str]:
    found = await index.search(Query(q=q, filter=ProductFilter(**wanted)), PAGE)
    return [item.name for item in found.results]


async def told(index: MeilisearchIndex, shelf: Shelf, *documents: Document) -> None:
    shelf.put(*documents)
    await index.refresh([document.id for document in documents])


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


# -- what it is told


async def test_a_new_index_has_its_settings_and_no_other_is_left(
    index: MeilisearchIndex, server: FakeMeilisearch
) -> None:
    assert {name: made.settings for name, made in server.indexes.items()} == {"test_1": SETTINGS}


async def test_a_product_is_found_when_it_was_told_and_gone_when_it_is(index: MeilisearchIndex, shelf: Shelf) -> None:
    lamp = a_document("Desk Lamp")
    await told(index, shelf, lamp)
    assert await names(index, "lamp") == ["Desk Lamp"]
    del shelf.held[lamp.id]
    await index.refresh([lamp.id])
    assert await names(index, "lamp") == []


async def test_what_is_told_twice_is_sent_once(index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch) -> None:
    lamp = a_document("Lamp")
    await told(index, shelf, lamp)
    done = server.done
    await told(index, shelf, lamp)
    assert server.done == done


async def test_the_last_state_wins_when_it_changes_while_the_one_before_is_sent(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    """Others have read, written and gone meanwhile: the slower one must not have the last word."""
    lamp = a_document("Lamp")
    states = iter([replace_name(lamp, "Old"), replace_name(lamp, "New"), replace_name(lamp, "Newest")])

    def change() -> None:
        if (state := next(states, None)) is not None:
            shelf.put(state)

    shelf.put(lamp)
    shelf.before_reading = change
    await index.refresh([lamp.id])
    assert held(server) == ["Newest"]


async def test_a_product_that_changes_without_end_is_left_for_later(index: MeilisearchIndex, shelf: Shelf) -> None:
    lamp = a_document("Lamp")
    numbers = iter(range(100))
    shelf.put(lamp)
    shelf.before_reading = lambda: shelf.put(replace_name(lamp, f"Lamp {next(numbers)}"))
    with pytest.raises(Busy, match="changed 5 times"):
        await index.refresh([lamp.id])


def held(server: FakeMeilisearch) -> list[str]:
    return sorted(document["name"] for document in server.indexes["test_1"].documents.values())


def replace_name(document: Document, name: str) -> Document:
    return msgspec.structs.replace(document, name=name)


async def test_a_task_that_fails_is_raised_and_the_next_try_succeeds(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    server.failing = ["no_space_left_on_device"]
    with pytest.raises(TaskFailed):
        await told(index, shelf, a_document("Lamp"))
    assert await names(index) == []
    await index.refresh(list(shelf.held))
    assert await names(index) == ["Lamp"]


# -- what it finds


async def test_typing_errors_prefixes_and_skus_are_found(index: MeilisearchIndex, shelf: Shelf) -> None:
    await told(
        index, shelf, a_document("Headphones", skus=["HP-100"]), a_document("Chair", description="for headphones")
    )
    assert await names(index, "haedphones") == ["Headphones", "Chair"]
    assert await names(index, "headp") == ["Headphones", "Chair"]
    assert await names(index, "hp-100") == ["Headphones"]
    assert await names(index, "zzzzzz") == []


async def test_only_ids_are_asked_for_and_the_rest_is_the_catalogues(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    lamp, sofa = a_document("Lamp", price=1000), a_document("Sofa")
    await told(index, shelf, lamp, sofa)
    shelf.put(msgspec.structs.replace(lamp, price=500), msgspec.structs.replace(sofa, is_active=False))
    found = await index.search(Query(), PAGE)
    assert [(item.name, item.price) for item in found.results] == [("Lamp", "5.00")]
    assert server.asked[-1][2]["queries"][0]["attributesToRetrieve"] == ["id"]


async def test_every_filter_finds_what_it_says(index: MeilisearchIndex, shelf: Shelf) -> None:
    red_s, blue_m = {"Color": "Red", "Size": "S"}, {"Color": "Blue", "Size": "M"}
    await told(
        index,
        shelf,
        a_document("A", price=100, tags=["new"], is_featured=True, in_="lamps"),
        a_document("B", price=200, tags=["New", 'a "b" \\ c'], in_stock=False, in_="home"),
        a_document("C", price=300, tags=["new", "café"], is_on_sale=True, variants=[red_s, blue_m]),
        a_document("D", price=400, is_active=False),
    )
    wishes: list[tuple[dict[str, Any], str]] = [
        ({}, "ABC"),
        ({"category": "home"}, "AB"),
        ({"category": "lamps"}, "A"),
        ({"category": "nowhere"}, ""),
        ({"min_price": usd("2"), "max_price": usd("3")}, "BC"),
        ({"in_stock": False}, "B"),
        ({"is_featured": True}, "A"),
        ({"is_on_sale": False}, "AB"),
        ({"tags": ("new",)}, "AC"),
        ({"tags": ("New",)}, "B"),
        ({"tags": ("new", "café")}, "C"),
        ({"tags": ("cafe",)}, ""),
        ({"tags": ('a "b" \\ c',)}, "B"),
        ({"tags": ('x" OR price > 0',)}, ""),
        ({"attributes": (("Color", ("Red",)),)}, "C"),
        ({"attributes": (("Color", ("Red",)), ("Size", ("S",)))}, "C"),
        ({"attributes": (("Color", ("Red",)), ("Size", ("M",)))}, ""),
        ({"attributes": (("color", ("Red",)),)}, ""),
    ]
    for wanted, expected in wishes:
        assert "".join(sorted(await names(index, **wanted))) == expected, wanted


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("name", "AZbä"),
        ("-name", "äbZA"),
        ("price", "bAZä"),
        ("-price", "äZAb"),
        ("popularity", "AZbä"),
        ("-popularity", "äbZA"),
        ("created_at", "äbZA"),
        ("-created_at", "AZbä"),
        ("relevance", "äbZA"),
    ],
)
async def test_every_ordering_orders(index: MeilisearchIndex, shelf: Shelf, ordering: Any, expected: str) -> None:
    made = [
        a_document(name, popularity=n, price=p) for n, (name, p) in enumerate(zip("AZbä", (2, 3, 1, 9), strict=True))
    ]
    minutes = [
        msgspec.structs.replace(each, created_at=each.created_at.replace(minute=30 - n)) for n, each in enumerate(made)
    ]
    await told(index, shelf, *minutes)
    found = await index.search(Query(ordering=ordering), PAGE)
    assert "".join(item.name for item in found.results) == expected


async def test_what_is_not_active_is_for_staff_who_ask_for_it(index: MeilisearchIndex, shelf: Shelf) -> None:
    await told(index, shelf, a_document("A", is_active=False), a_document("B", in_="attic"))
    wishes = (ProductFilter(is_active=False), ProductFilter(category="attic"), ProductFilter(category="home"))
    for staff, expected in ((False, ["", "", ""]), (True, ["A", "B", ""])):
        found = [await index.search(Query(filter=wanted), PAGE, staff=staff) for wanted in wishes]
        assert ["".join(item.name for item in page.results) for page in found] == expected


async def test_a_category_may_be_named_by_its_id(index: MeilisearchIndex, shelf: Shelf) -> None:
    await told(index, shelf, a_document("A", in_="lamps"), a_document("B", in_="garden"))
    assert await names(index, category=str(HOME.id)) == ["A"]


async def test_pages_follow_one_another_and_a_cursor_belongs_to_its_query(
    index: MeilisearchIndex, shelf: Shelf
) -> None:
    await told(index, shelf, *(a_document(f"Lamp {n}", popularity=n) for n in range(5)))
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = await index.search(Query(q="lamp"), PageRequest(2, cursor))
        seen += [item.name for item in page.results]
        cursor = page.next
    assert (seen, cursor) == ([f"Lamp {n}" for n in (4, 3, 2, 1, 0)], None)
    first = await index.search(Query(q="lamp"), PageRequest(2))
    with pytest.raises(InvalidField):
        await index.search(Query(q="sofa"), PageRequest(2, first.next))


async def test_suggestions_are_active_products_by_name(index: MeilisearchIndex, shelf: Shelf) -> None:
    await told(
        index,
        shelf,
        a_document("Lamp"),
        a_document("Lampshade", is_active=False),
        a_document("Sofa", description="lamp"),
        *(a_document(f"Cup {n}") for n in range(9)),
    )
    assert [(one.name, one.slug, one.primary_image) for one in await index.suggest("lam")] == [
        ("Lamp", "lamp", "/media/Lamp.webp")
    ]
    assert len(await index.suggest("cu")) == 8


# -- facets


async def test_every_facet_counts_what_the_list_would_with_that_value_instead(
    index: MeilisearchIndex, shelf: Shelf
) -> None:
    documents = many()
    await told(index, shelf, *documents)
    for wanted in FILTERS:
        check_facets((await index.search(Query(filter=wanted), PAGE)).facets, documents, wanted)


async def test_facets_come_most_first_with_labels(index: MeilisearchIndex, shelf: Shelf) -> None:
    await told(
        index,
        shelf,
        a_document("A", in_="lamps", tags=["x"], price=100),
        a_document("B", in_="home", tags=["y", "x"], price=950, in_stock=False),
        a_document("C", tags=["z"], price=100),
    )
    facets = (await index.search(Query(), PAGE)).facets
    assert facets.category == [FacetValue("home", "Home", 2), FacetValue("lamps", "Lamps", 1)]
    assert facets.tags == [FacetValue("x", "x", 2), FacetValue("y", "y", 1), FacetValue("z", "z", 1)]
    assert facets.in_stock == [StockCount(True, 2), StockCount(False, 1)]
    told_ranges = [(each.min, each.max, each.count) for each in facets.price.ranges]
    assert told_ranges == [("0.00", "9.99", 3)]


async def test_what_the_documents_do_not_tell_is_beyond_the_index(index: MeilisearchIndex, shelf: Shelf) -> None:
    either = (("Color", ("Red", "Blue")),)
    three = tuple((name, ("x",)) for name in "abc")
    for wanted in (
        ProductFilter(attributes=either),
        ProductFilter(attributes=three),
    ):
        with pytest.raises(BeyondIndex):
            await index.search(Query(filter=wanted), PAGE)
    await told(index, shelf, a_document("Lamp", tags=["Ä" * 100]))
    with pytest.raises(BeyondIndex):
        await index.search(Query(), PAGE)


# -- building it anew


async def test_a_rebuild_tells_how_far_it_is_and_leaves_nothing_old(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    gone = a_document("Gone")
    await told(index, shelf, gone)
    del shelf.held[gone.id]
    shelf.put(*(a_document(f"Lamp {n}") for n in range(7)))
    steps: list[tuple[int, int]] = []
    assert await index.rebuild(lambda done, total: steps.append((done, total))) == 7
    assert steps == [(0, 7), (7, 7)]
    assert list(server.indexes) == ["test_1"]
    assert sorted(await names(index)) == [f"Lamp {n}" for n in range(7)]


async def test_the_old_index_answers_while_a_new_one_is_built_and_both_hear_of_changes(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    lamp, sofa = a_document("Lamp"), a_document("Sofa")
    await told(index, shelf, lamp, sofa)
    during: list[list[str]] = []
    progress: list[int] = []

    async def meanwhile() -> None:
        await told(index, shelf, replace_name(lamp, "Lantern"))
        during.append(sorted(await names(index)))

    original = shelf.after

    async def after(product: Any, limit: int) -> Any:
        if product is not None:
            await meanwhile()
        return await original(product, limit)

    shelf.after = after  # type: ignore[method-assign]
    await index.rebuild(lambda done, _: progress.append(done))
    assert (during, progress) == ([["Lantern", "Sofa"]], [0, 2])
    assert list(server.indexes) == ["test_1"]
    assert held(server) == ["Lantern", "Sofa"]


async def test_a_swap_in_the_middle_of_a_refresh_loses_nothing(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    lamp = a_document("Lamp")
    await told(index, shelf, lamp)
    live = server.indexes["test_1"]
    readings = iter(range(100))
    for moment in range(5):
        state, at = replace_name(lamp, f"Lamp {moment}"), next(readings)
        server.indexes["test_1_next"] = replace(live, documents=dict(live.documents))

        def swap(begun: int = at, moment: int = moment) -> None:
            if next(readings) - begun == moment:
                one, other = server.indexes["test_1"], server.indexes["test_1_next"]
                server.indexes |= {"test_1": other, "test_1_next": one}

        shelf.before_reading = swap
        await told(index, shelf, state)
        assert held(server) == [f"Lamp {moment}"]


async def test_two_do_not_build_at_once_and_what_a_dead_one_left_is_taken_over(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    shelf.put(a_document("Lamp"))
    server.indexes["test_1_next"] = left = replace(server.indexes["test_1"], documents={"x": {"id": "x"}})
    with pytest.raises(Busy, match="another rebuild is under way"):
        await index.rebuild(lambda *_: None)
    left.updated_at = "2026-11-22T11:00:00.123456789Z"
    assert await index.rebuild(lambda *_: None) == 1
    assert await names(index) == ["Lamp"]


async def test_two_that_begin_at_the_same_moment_are_told_apart_by_the_task(
    index: MeilisearchIndex, server: FakeMeilisearch
) -> None:
    server.failing = ["index_already_exists"]
    with pytest.raises(Busy, match="has just begun"):
        await index.rebuild(lambda *_: None)


async def test_an_index_made_by_accident_is_not_fed(
    index: MeilisearchIndex, shelf: Shelf, server: FakeMeilisearch
) -> None:
    """A write to an index just gone makes it anew, without settings."""
    server.indexes["test_1_next"] = made = replace(server.indexes["test_1"], documents={}, settings={})
    await told(index, shelf, a_document("Lamp"))
    assert (made.documents, await names(index)) == ({}, ["Lamp"])


async def test_without_an_index_there_is_nothing_to_tell_and_others_have_to_answer(
    client: MeilisearchClient, shelf: Shelf, server: FakeMeilisearch
) -> None:
    index = await an_index(client, shelf)
    assert not await index.is_there()
    await told(index, shelf, a_document("Lamp"))
    assert server.indexes == {}
    with pytest.raises(Unavailable, match="search"):
        await index.search(Query(), PAGE)
    await index.rebuild(lambda *_: None)
    assert (await index.is_there(), await names(index)) == (True, ["Lamp"])
