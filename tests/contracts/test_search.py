"""What every search index must do that is part of the shop: it finds what the catalogue says now."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from dishka import AsyncContainer

from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, Store
from application.search.index import Found, Query, SearchIndex
from application.search.misses import MOST_MISSES, Misses, told_of
from application.search.views import Facets, Suggestion
from domain.catalog import Product
from domain.errors import InvalidField
from domain.inventory import Sku
from tests.builders import NOW, a_category, a_product, a_shelf, a_variant, usd

ALL = PageRequest(100)


@dataclass
class Shop:
    store: Store
    index: SearchIndex

    async def keeps(self, *products: Product, **pieces: int) -> None:
        async with self.store.transaction() as tx:
            await tx.products.save(list(products))
            await tx.stock.save(a_shelf(**pieces))

    async def changes(self, product: Product, **fields: Any) -> None:
        async with self.store.transaction() as tx:
            held = (await tx.products.take([product.id]))[product.id]
            held.change(NOW, **fields)
            await tx.products.save([held])

    async def finds(self, q: str, **query: Any) -> Found:
        return await self.index.search(Query(q=q, **query), ALL)

    async def names(self, q: str, **query: Any) -> list[str]:
        return [item.name for item in (await self.finds(q, **query)).results]


@pytest.fixture
async def shop(container: AsyncContainer, store: Store) -> Shop:
    return Shop(store, await container.get(SearchIndex))


async def test_a_change_is_found_at_once(shop: Shop) -> None:
    lamp = a_product("Reading Lamp", sku="LAMP", price="20.00", tags=("brass",), description="<p>Folds <b>flat</b></p>")
    await shop.keeps(lamp, LAMP=3)
    for q in ("reading", "brass", "flat", "folds", "lamp"):
        assert await shop.names(q) == ["Reading Lamp"], q
    assert await shop.names("p") == []  # what is HTML is no word
    await shop.changes(lamp, name="Bedside Lamp", price=usd("25.00"), tags=("steel",), description="Round")
    assert await shop.names("reading") == await shop.names("brass") == await shop.names("flat") == []
    found = await shop.finds("bedside steel round")
    assert [(item.name, item.price) for item in found.results] == [("Bedside Lamp", "25.00")]
    assert (found.facets.price.min, found.facets.price.max) == ("25.00", "25.00")
    assert [(each.value, each.count) for each in found.facets.tags] == [("steel", 1)]


async def test_what_is_not_active_is_nowhere(shop: Shop) -> None:
    lamp = a_product("Reading Lamp")
    await shop.keeps(lamp)
    await shop.changes(lamp, is_active=False)
    for q in ("reading lamp", "readign lamp", ""):
        found = await shop.finds(q)
        assert not found.results, q
        assert not found.facets.in_stock, q
    assert await shop.index.suggest("read") == []
    hidden = Query(q="reading", filter=ProductFilter(is_active=False))
    assert (await shop.index.search(hidden, ALL)).results == []
    await shop.changes(lamp, is_active=True)
    assert await shop.names("readign lamp") == ["Reading Lamp"]


async def test_staff_search_what_is_not_active(shop: Shop) -> None:
    await shop.keeps(a_product("Reading Lamp", is_active=False), a_product("Floor Lamp"))
    hidden = Query(q="lamp", filter=ProductFilter(is_active=False))
    found = await shop.index.search(hidden, ALL, staff=True)
    assert [item.name for item in found.results] == ["Reading Lamp"]


async def test_what_is_deleted_is_gone(shop: Shop) -> None:
    lamp = a_product("Reading Lamp")
    await shop.keeps(lamp)
    async with shop.store.transaction() as tx:
        held = (await tx.products.take([lamp.id]))[lamp.id]
        held.archive(NOW)
        await tx.products.remove([held])
    assert await shop.names("reading") == []
    assert await shop.index.suggest("reading") == []


async def test_a_sale_that_sells_out_is_counted_at_once(shop: Shop) -> None:
    await shop.keeps(a_product("Lamp", sku="LAMP"), LAMP=1)
    found = await shop.finds("lamp")
    assert [(each.value, each.count) for each in found.facets.in_stock] == [(True, 1)]
    async with shop.store.transaction() as tx:
        shelf = await tx.stock.take([Sku("LAMP")])
        shelf[Sku("LAMP")].adjust(-1, NOW, "")
        await tx.stock.save(shelf)
    found = await shop.finds("lamp")
    assert [(each.value, each.count) for each in found.facets.in_stock] == [(False, 1)]
    assert [item.in_stock for item in found.results] == [False]
    assert await shop.names("lamp", filter=ProductFilter(in_stock=True)) == []


async def test_categories_are_words_also_when_renamed_and_moved(shop: Shop) -> None:
    garden, home = a_category("Garden"), a_category("Home")
    lights = a_category("Lights", home)
    async with shop.store.transaction() as tx:
        await tx.categories.save([garden, home, lights])
    await shop.keeps(a_product("Lantern", category=lights.id))
    assert await shop.names("home lights") == ["Lantern"]
    async with shop.store.transaction() as tx:
        held = {category.id: category for category in await tx.categories.all()}
        held[lights.id].change(NOW, name="Luminaires", parent=garden.id)
        await tx.categories.save([held[lights.id]])
    assert await shop.names("lights") == await shop.names("home") == []
    assert await shop.names("garden luminaires") == ["Lantern"]
    assert [(each.value, each.label) for each in (await shop.finds("luminares")).facets.category] == [
        ("garden", "Garden"),
        ("lights", "Luminaires"),
    ]


async def test_variants_are_found_by_number_and_by_what_they_are(shop: Shop) -> None:
    red = a_variant("Red", "SHIRT-RED", attributes={"Color": "Crimson"})
    blue = a_variant("Blue", "SHIRT-BLUE", attributes={"Color": "Azure"})
    shirt = a_product("Shirt", sku="SHIRT", variants=(red, blue))
    await shop.keeps(shirt)
    for q in ("crimson", "azure shirt", "SHIRT-BLUE", "shirt-red", "SHIRT"):
        assert await shop.names(q) == ["Shirt"], q
    await shop.changes(shirt, variants=(red,))
    assert await shop.names("azure") == await shop.names("shirt-blue") == []
    assert await shop.names("crimson") == ["Shirt"]


async def test_the_number_outranks_the_name(shop: Shop) -> None:
    await shop.keeps(a_product("AB 12 Lamp", sku="X1"), a_product("Thing", sku="AB-12"))
    assert (await shop.names("ab-12"))[0] == "Thing"


async def test_names_outrank_tags_and_tags_descriptions(shop: Shop) -> None:
    await shop.keeps(
        a_product("Vase", description="Looks good beside a lamp."),
        a_product("Bulb", tags=("lamp",)),
        a_product("Desk Lamp"),
        a_product("Lamp"),
        a_product("Lampshade"),
    )
    assert await shop.names("lamp") == ["Lamp", "Desk Lamp", "Bulb", "Lampshade", "Vase"]


async def test_what_was_understood_is_told(shop: Shop) -> None:
    await shop.keeps(a_product("Oak Chair"), a_product("Oak Table"))
    assert (await shop.finds("oak chair")).corrected is None
    assert (await shop.finds("oka chiar")).results == []  # three letters are too few to be sure
    found = await shop.finds("oak chiar")
    assert ([item.name for item in found.results], found.corrected) == (["Oak Chair"], "oak chair")
    found = await shop.finds("oakchair")
    assert ([item.name for item in found.results], found.corrected) == (["Oak Chair"], "oak chair")
    nothing = await shop.finds("oak sofa")
    assert (nothing.results, nothing.next, nothing.facets, nothing.corrected) == ([], None, Facets(), None)


async def test_words_that_say_little_need_not_be_there(shop: Shop) -> None:
    await shop.keeps(a_product("Oak Chair"))
    assert await shop.names("the chair of oak") == ["Oak Chair"]
    await shop.keeps(a_product("Thermos"))
    assert await shop.names("the") == ["Thermos"]


async def test_both_ways_to_write_an_umlaut_find_each_other(shop: Shop) -> None:
    await shop.keeps(a_product("Küchenstuhl"), a_product("Fuesse"), a_product("Smørrebrød"))
    assert await shop.names("kuechenstuhl") == await shop.names("KÜCHENSTUHL") == ["Küchenstuhl"]
    assert await shop.names("füße") == ["Fuesse"]
    assert await shop.names("smorrebrod") == await shop.names("smørrebrød") == ["Smørrebrød"]


ORDERINGS: dict[str, Callable[[Product], Any]] = {
    "price": lambda one: one.price,
    "name": lambda one: one.name,
    "created_at": lambda one: one.created_at,
    "popularity": lambda one: 0,
}


@pytest.mark.parametrize("q", ["lamp", ""])
@pytest.mark.parametrize("ordering", ["relevance", *ORDERINGS, *(f"-{name}" for name in ORDERINGS)])
async def test_pages_of_a_search_follow_each_other_without_gaps(shop: Shop, ordering: Any, q: str) -> None:
    products = [a_product(f"Lamp {'of oak ' * (n % 3)}{n}", price=f"{n % 4 + 1}.00") for n in range(11)]
    await shop.keeps(*products)
    for size in (1, 4, 10, 11):
        pages = [await shop.index.search(Query(q=q, ordering=ordering), PageRequest(size))]
        while pages[-1].next is not None:
            pages.append(await shop.index.search(Query(q=q, ordering=ordering), PageRequest(size, pages[-1].next)))
        found = [item.id for page in pages for item in page.results]
        assert sorted(found) == sorted(one.id for one in products)
        assert all(page.facets == pages[0].facets for page in pages)
        if ordering != "relevance":
            key, by_id = ORDERINGS[ordering.removeprefix("-")], {one.id: one for one in products}
            keys = [(key(by_id[each]), each) for each in found]  # type: ignore[index]
            assert all(a > b if ordering.startswith("-") else a < b for a, b in pairwise(keys))


async def test_a_cursor_is_good_for_its_own_search_only(shop: Shop) -> None:
    await shop.keeps(*(a_product(f"Oak Lamp {n}") for n in range(5)))
    page = await shop.index.search(Query(q="lamp"), PageRequest(2))
    assert page.next is not None
    for query, cursor in (
        (Query(q="oak"), page.next),
        (Query(q="lamp", ordering="price"), page.next),
        (Query(q="lamp"), page.next[:-3] + "AAA"),
        (Query(q="lamp"), "x"),
        (Query(), page.next),
        (Query(), "x"),
    ):
        with pytest.raises(InvalidField):
            await shop.index.search(query, PageRequest(2, cursor))


async def test_without_words_what_sells_best_comes_first(shop: Shop) -> None:
    slow, quick = a_product("Slow"), a_product("Quick")
    await shop.keeps(slow, quick)
    async with shop.store.transaction() as tx:
        await tx.products.count_sales({quick.id: 3, slow.id: 1})
    assert await shop.names("") == await shop.names("  ") == ["Quick", "Slow"]


async def test_suggestions_are_made_for_each_keystroke(shop: Shop) -> None:
    await shop.keeps(*(a_product(f"Oak Lamp {n}") for n in range(10)), a_product("Lamp of Oak"), a_product("Crème Mug"))
    for typed in ("l", "la", "lam", "lamp", "Lamp ", "LAMP o"):
        assert (await shop.index.suggest(typed))[0].name == "Lamp of Oak", typed
        assert len(await shop.index.suggest(typed)) <= 8
    assert [one.name for one in await shop.index.suggest("cre")] == ["Crème Mug"]
    assert [one.name for one in await shop.index.suggest("mug")] == ["Crème Mug"]
    assert [one.name for one in await shop.index.suggest("cremme")] == ["Crème Mug"]
    for nothing in ("", " ", "!?", "xqzv", "oak xqzv"):
        assert list(await shop.index.suggest(nothing)) == [], nothing


async def test_a_suggestion_is_name_slug_and_picture(shop: Shop) -> None:
    await shop.keeps(a_product("Lamp", slug="lamp"))
    assert list(await shop.index.suggest("la")) == [Suggestion("Lamp", "lamp", None)]


async def test_whatever_is_typed_is_only_text(shop: Shop) -> None:
    await shop.keeps(a_product("Lamp"))
    for q in (
        "'",
        "\\",
        "lamp' | 'x",
        "lamp:*",
        "lamp & !x",
        "%",
        "_",
        "(",
        "a" * 200,
        "ⅷ",
        "🛋️",
        "\u0301",
        "''::tsquery",
    ):
        await shop.finds(q)
        await shop.index.suggest(q)


async def test_the_index_can_be_made_anew(shop: Shop) -> None:
    await shop.keeps(*(a_product(f"Lamp {n}") for n in range(7)))
    told: list[tuple[int, int]] = []
    assert await shop.index.rebuild(lambda *step: told.append(step)) == 7
    assert told[-1] == (7, 7)
    assert len(await shop.names("lamp")) == 7


async def test_changes_and_searches_at_once_end_with_what_was_written_last(shop: Shop) -> None:
    lamp = a_product("Lamp", price="1.00")
    await shop.keeps(lamp)

    async def change() -> None:
        for n in range(2, 12):
            await shop.changes(lamp, price=usd(str(n)), name=f"Lamp {n}")

    async def look() -> None:
        for _ in range(10):
            (item,) = (await shop.finds("lamp")).results
            assert item.name == ("Lamp" if item.price == "1.00" else f"Lamp {item.price.removesuffix('.00')}")

    await asyncio.gather(change(), look(), look())
    (item,) = (await shop.finds("lamp 11")).results
    assert (item.name, item.price) == ("Lamp 11", "11.00")


async def test_products_saved_while_their_category_is_renamed_are_found_by_the_new_name(shop: Shop) -> None:
    shelf = a_category("Shelf")
    async with shop.store.transaction() as tx:
        await tx.categories.save([shelf])
    products = [a_product(f"Lamp {n}", category=shelf.id) for n in range(8)]
    await shop.keeps(*products[:4])

    async def rename(name: str) -> None:
        async with shop.store.transaction() as tx:
            held = {category.id: category for category in await tx.categories.all()}
            held[shelf.id].change(NOW, name=name)
            await tx.categories.save([held[shelf.id]])

    await asyncio.gather(rename("Drawer"), *(shop.keeps(product) for product in products[4:]))
    assert len(await shop.names("drawer")) == 8
    assert await shop.names("shelf") == []


# -- searches without results


async def test_misses_are_counted_and_listed_most_frequent_first(container: AsyncContainer) -> None:
    misses = await container.get(Misses)
    for q in ("sofa", "bed", "sofa", "rug", "sofa", "bed"):
        misses.note(q, NOW)
    await _settled(misses, 3)
    first = await misses.listed(PageRequest(2))
    assert [(one.q, one.count, one.last_seen) for one in first.results] == [("sofa", 3, NOW), ("bed", 2, NOW)]
    second = await misses.listed(PageRequest(2, first.next))
    assert [one.q for one in second.results] == ["rug"]
    assert (await misses.listed(PageRequest(2, second.previous))).results == first.results


async def test_no_more_misses_are_kept_than_said(container: AsyncContainer) -> None:
    misses = await container.get(Misses)
    for start in range(0, MOST_MISSES + 200, 400):
        for n in range(start, start + 400):
            misses.note(f"word {n}", NOW.replace(microsecond=n))
        await _settled(misses, min(start + 400, MOST_MISSES))
    assert len(await _all(misses)) == MOST_MISSES


@pytest.mark.parametrize(
    ("q", "told"),
    [
        ("  Café  Crème ", "cafe creme"),
        ("ann@example.com", None),
        ("+49 170 1234567", None),
        ("1234 5678", None),
        ("iso 9001", "iso 9001"),
        ("x" * 81, None),
        ("!!!", None),
    ],
)
def test_nothing_is_taken_down_that_may_tell_who_asked(q: str, told: str | None) -> None:
    assert told_of(q) == told


async def _all(misses: Misses) -> list[str]:
    page = await misses.listed(ALL)
    found = [one.q for one in page.results]
    while page.next is not None:
        page = await misses.listed(PageRequest(100, page.next))
        found += [one.q for one in page.results]
    return found


async def _settled(misses: Misses, kept: int) -> None:
    async with asyncio.timeout(20):
        while len(await _all(misses)) < kept:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
