"""Lists of products: every two filters together, in every order and both ways, against a search through all of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, product
from random import Random
from typing import Any
from uuid import UUID

import pytest
from dishka import AsyncContainer

from adapters.postgres.catalog import listing
from application.catalog.views import CatalogViews, ProductItem
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, Store
from domain.catalog import Product, ProductId
from domain.categories import Category
from domain.inventory import Shelf, Sku, StockItem
from tests.builders import NOW, a_category, a_product, a_variant, usd

ORDERINGS = ("price", "-price", "name", "-name", "created_at", "-created_at", "popularity", "-popularity")
SIZES = {"Size": ("S", "M", "L"), "Color": ("Red", "Blue")}
CHOICES: dict[str, list[dict[str, Any]]] = {
    "category": [{"category": slug} for slug in ("top", "middle", "leaf", "empty", "closed", "nowhere")],
    "price": [
        {"min_price": usd("20"), "max_price": usd("30")},
        {"min_price": usd("25")},
        {"max_price": usd("0")},
        {"min_price": usd("0")},
    ],
    "stock": [{"in_stock": True}, {"in_stock": False}],
    "featured": [{"is_featured": True}, {"is_featured": False}],
    "sale": [{"is_on_sale": True}, {"is_on_sale": False}],
    "tags": [{"tags": ("new",)}, {"tags": ("new", "soft")}, {"tags": ("nothing",)}],
    "attributes": [
        {"attributes": (("Size", ("M",)),)},
        {"attributes": (("Size", ("S", "L")),)},
        {"attributes": (("Size", ("M",)), ("Color", ("Red", "Green")))},
        {"attributes": (("Size", ("XXL",)),)},
    ],
    "search": [{"search": "ar"}],
    "active": [{"is_active": False}],
}


@dataclass(frozen=True, slots=True)
class Shop:
    """A catalogue of made-up products, and what is known of it without asking a view."""

    views: CatalogViews
    store: Store
    categories: dict[str, Category]
    sold: dict[ProductId, int]

    async def expected(self, wanted: ProductFilter) -> list[UUID]:
        async with self.store.transaction() as tx:
            products = (await tx.products.find(self.sold)).values()
            stock = await tx.stock.find(Sku(sku) for product in products for sku in product.skus)
        found = [one for one in products if self._matches(one, stock, wanted)]
        name = wanted.ordering.removeprefix("-")
        keys = {one.id: self.sold[one.id] if name == "popularity" else getattr(one, name) for one in found}
        found.sort(key=lambda one: (keys[one.id], one.id), reverse=wanted.ordering.startswith("-"))
        return [one.id for one in found]

    def _matches(self, one: Product, stock: Shelf, wanted: ProductFilter) -> bool:
        shown = [variant for variant in one.variants if variant.is_active]
        skus = [variant.sku for variant in shown] if one.variants else [one.sku]
        in_stock = not one.track_inventory or any(stock[Sku(sku)].available for sku in skus if sku in stock)
        on_sale = one.compare_at_price is not None and one.compare_at_price > one.price
        told = [one.name, one.sku, *one.skus, *one.tags]
        return (
            one.is_active == wanted.is_active
            and (wanted.category is None or self._is_below(one, wanted.category))
            and (wanted.min_price is None or one.price >= wanted.min_price)
            and (wanted.max_price is None or one.price <= wanted.max_price)
            and wanted.in_stock in {None, in_stock}
            and wanted.is_featured in {None, one.is_featured}
            and wanted.is_on_sale in {None, on_sale}
            and set(wanted.tags) <= set(one.tags)
            and (not wanted.attributes or any(_has(variant.attributes, wanted) for variant in shown))
            and (not wanted.search or any(wanted.search in text.lower() for text in told))
        )

    def _is_below(self, one: Product, slug: str) -> bool:
        by_id = {category.id: category for category in self.categories.values()}
        category = by_id.get(one.category) if one.category else None
        while category and category.slug != slug and category.is_active:
            category = by_id.get(category.parent) if category.parent else None
        return category is not None and category.slug == slug


def _has(attributes: Any, wanted: ProductFilter) -> bool:
    return all(attributes.get(name) in values for name, values in wanted.attributes)


def the_categories() -> dict[str, Category]:
    top = a_category("Top")
    middle = a_category("Middle", top)
    leaf, closed = a_category("Leaf", middle), a_category("Closed", middle, is_active=False)
    under = a_category("Under", closed)
    return {one.slug: one for one in (top, middle, leaf, closed, under, a_category("Empty", top), a_category("Other"))}


def the_products(categories: dict[str, Category]) -> Iterator[tuple[Product, list[StockItem]]]:
    """Eighty, of few values each, so that any two filters find some and many keys are equal."""
    chance = Random(11)
    places = [*categories.values(), categories["top"], categories["leaf"], None]
    for number in range(80):
        variants = tuple(
            a_variant(f"{size} {color}", f"P{number}-{size}-{color}", is_active=chance.random() < 0.8)
            for size, color in product(*SIZES.values())
            if number % 3 and chance.random() < 0.3
        )
        dressed = tuple(replace(one, attributes=dict(zip(SIZES, one.name.split(), strict=True))) for one in variants)
        place, price = chance.choice(places), chance.randrange(0, 50, 5)
        made = a_product(
            chance.choice(("Chair", "Lamp", "Árbol", "star")),
            price=str(price),
            at=NOW + timedelta(minutes=chance.randrange(20)),
            sku=f"P{number}",
            compare_at_price=chance.choice((None, None, usd("20"), usd(str(price)))),
            category=place.id if place else None,
            tags=chance.choice(((), ("new",), ("new", "soft"), ("soft", "size m"))),
            is_active=chance.random() < 0.85,
            is_featured=chance.random() < 0.2,
            track_inventory=chance.random() < 0.9,
            variants=dressed,
        )
        yield made, [StockItem.receive(Sku(sku), chance.choice((0, 0, 1, 9)), NOW) for sku in made.skus]


@pytest.fixture
async def shop(container: AsyncContainer, store: Store) -> Shop:
    categories = the_categories()
    made = list(the_products(categories))
    sold = {one.id: number % 5 for number, (one, _) in enumerate(made)}
    async with store.transaction() as tx:
        await tx.categories.save(list(categories.values()))
        await tx.products.save([one for one, _ in made])
        await tx.stock.save(Shelf({item.sku: item for _, items in made for item in items if item.on_hand}))
        await tx.products.count_sales({one: pieces for one, pieces in sold.items() if pieces})
    return Shop(await container.get(CatalogViews), store, categories, sold)


@pytest.fixture(params=["as it is", "short"])
def stretch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Walks that are long enough for the whole catalogue, and ones after which the rest is to be collected."""
    forget()
    if request.param == "short":
        monkeypatch.setattr(listing, "STRETCH", 7)
        monkeypatch.setattr(listing, "STRETCH_OF_CATEGORY", 2)
        monkeypatch.setattr(listing, "LIMITS", (5, 101))
    yield
    forget()


def forget() -> None:
    listing._first_page.cache_clear()
    listing._statement.cache_clear()


def pairs() -> Iterator[dict[str, Any]]:
    """Every choice alone, and with every choice of every other filter."""
    yield {}
    for one in CHOICES.values():
        yield from one
    for one, other in combinations(CHOICES.values(), 2):
        yield from (first | second for first, second in product(one, other))


async def test_any_two_filters_find_what_a_search_through_all_finds(shop: Shop, stretch: None) -> None:
    for number, choice in enumerate(pairs()):
        ordering = ORDERINGS[number % len(ORDERINGS)]
        wanted = ProductFilter(**choice, ordering=ordering)  # type: ignore[arg-type]
        expected = await shop.expected(wanted)
        assert [item.id for item in await in_pages(shop, wanted, 4)] == expected, wanted
        everything = await shop.views.products(wanted, PageRequest(100), staff=True)
        assert [item.id for item in everything.results] == expected, wanted


@pytest.mark.parametrize("ordering", ORDERINGS)
async def test_all_filters_together_go_forth_and_back_in_every_order(shop: Shop, stretch: None, ordering: str) -> None:
    for choice in ({}, {"category": "top"}, {"tags": ("new",)}, {"category": "middle", "in_stock": True}):
        wanted = ProductFilter(**choice, ordering=ordering)  # type: ignore[arg-type]
        pages = [await shop.views.products(wanted, PageRequest(3))]
        while pages[-1].next:
            pages.append(await shop.views.products(wanted, PageRequest(3, pages[-1].next)))
        assert [item.id for page in pages for item in page.results] == await shop.expected(wanted)
        for number in range(len(pages) - 1, 0, -1):
            back = await shop.views.products(wanted, PageRequest(3, pages[number].previous))
            assert back.results == pages[number - 1].results


async def test_what_changes_is_found_by_what_it_is_now(shop: Shop) -> None:
    """Stock runs out and comes back; variants are switched off, tags and category change, products go."""
    async with shop.store.transaction() as tx:
        products = list((await tx.products.take(shop.sold)).values())
        shelf = await tx.stock.take(Sku(sku) for one in products for sku in one.skus)
        for number, item in enumerate(shelf.values()):
            item.set_available((0, 3)[number % 2], NOW)
        await tx.stock.save(shelf)
    await still_agree(shop)
    async with shop.store.transaction() as tx:
        products = list((await tx.products.take(shop.sold)).values())
        for number, one in enumerate(products):
            if one.variants and number % 2:
                off = tuple(replace(variant, is_active=not variant.is_active) for variant in one.variants)
                one.change(NOW, variants=off)
            one.change(NOW, tags=("soft",) if number % 4 else ("new",), track_inventory=number % 7 > 0)
            if number % 3 == 0:
                one.change(NOW, category=shop.categories["leaf"].id)
        await tx.products.save(products)
    await still_agree(shop)
    async with shop.store.transaction() as tx:
        gone = [Sku(sku) for one in products[::9] for sku in one.skus]
        await tx.products.remove(products[::9])
        await tx.stock.remove(await tx.stock.take(gone))
    for one in products[::9]:
        del shop.sold[one.id]
    await still_agree(shop)


async def still_agree(shop: Shop) -> None:
    for choices in CHOICES.values():
        for choice in choices:
            for ordering in ("-created_at", "price"):
                wanted = ProductFilter(**choice, ordering=ordering)
                assert [item.id for item in await in_pages(shop, wanted, 20)] == await shop.expected(wanted), wanted


async def in_pages(shop: Shop, wanted: ProductFilter, size: int) -> list[ProductItem]:
    page = await shop.views.products(wanted, PageRequest(size), staff=True)
    found = [*page.results]
    while page.next:
        page = await shop.views.products(wanted, PageRequest(size, page.next), staff=True)
        found += page.results
    return found


@pytest.mark.parametrize("ordering", ORDERINGS)
async def test_a_reader_between_two_pages_misses_nothing_that_was_there(shop: Shop, ordering: str) -> None:
    """New products, and ones that go, move no other from one page to the next."""
    wanted = ProductFilter(ordering=ordering, tags=("new",))  # type: ignore[arg-type]
    expected = await shop.expected(wanted)
    first = await shop.views.products(wanted, PageRequest(6))
    shown = [item.id for item in first.results]
    goes = ProductId(expected[8])
    fresh = [a_product(name, price=price, at=at, tags=("new",)) for name, price, at in NEWCOMERS]
    async with shop.store.transaction() as tx:
        await tx.products.save(fresh)
        await tx.products.remove([await tx.products.get(one) for one in (ProductId(shown[-1]), goes)])
    rest = await shop.views.products(wanted, PageRequest(100, first.next))
    added = {one.id for one in fresh}
    assert [item.id for item in rest.results if item.id not in added] == [one for one in expected[6:] if one != goes]


NEWCOMERS = [("Aaa", "0", NOW - timedelta(days=1)), ("zzz", "99", NOW + timedelta(days=1))]
