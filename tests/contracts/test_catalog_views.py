"""What every reader of the catalogue must show: the same shop on both stores, and one expectation of our own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from dishka import AsyncContainer

from application.catalog.views import CatalogViews, ProductItem, StaffProductView
from application.catalog.wishes import ProductFilter
from application.ports import PageRequest, Store
from domain.catalog import Product, ProductNotFound
from domain.categories import Category, CategoryNotFound
from domain.errors import InvalidField
from domain.images import Image
from domain.inventory import Shelf, Sku, StockItem
from tests.builders import NOW, a_category, a_product, a_variant, new_id, usd

ORDERINGS = ("price", "-price", "name", "-name", "created_at", "-created_at", "popularity", "-popularity")
ALL = PageRequest(100)


def minutes(number: int) -> Any:
    return NOW + timedelta(minutes=number)


@dataclass(frozen=True, slots=True)
class Shop:
    """A small catalogue of everything that lists tell apart."""

    views: CatalogViews
    store: Store
    products: dict[str, Product]
    categories: dict[str, Category]

    async def names(self, *, staff: bool = False, **wanted: Any) -> set[str]:
        page = await self.views.products(ProductFilter(**wanted), ALL, staff=staff)
        return {item.slug for item in page.results}


def the_categories() -> list[Category]:
    home = a_category("Home")
    lamps, sofas = a_category("Lamps", home), a_category("Sofas", home)
    desk, attic = a_category("Desk Lamps", lamps, slug="desk-lamps"), a_category("Attic", home, is_active=False)
    return [home, lamps, sofas, desk, attic, a_category("Garden", description="<p>Out</p>")]


def the_products(of: dict[str, Category]) -> list[Product]:
    def sold(slug: str, price: str, category: str | None, minute: int, **fields: Any) -> Product:
        told = {"name": slug.title(), "sku": slug.upper(), **fields}
        held = of[category].id if category else None
        return a_product(price=price, at=minutes(minute), slug=slug, category=held, **told)

    sizes = (
        a_variant("S", "SHIRT-S", attributes={"Size": "S", "Color": "Red"}),
        a_variant("L", "SHIRT-L", price=usd("12"), attributes={"Size": "L", "Color": "Blue"}),
        a_variant("XL", "SHIRT-XL", attributes={"Size": "XL", "Color": "Red"}, is_active=False),
    )
    image = Image(id=new_id(), url="/media/lamp.webp", alt_text="A lamp", is_primary=True)
    return [
        sold("lamp", "20", "lamps", 1, compare_at_price=usd("30"), tags=("light", "new"), images=(image,)),
        sold("desk", "20", "desk-lamps", 2, tags=("light",), is_featured=True),
        sold("sofa", "500.50", "sofas", 3, compare_at_price=usd("400")),
        sold("shirt", "10", None, 3, variants=sizes, tags=("new", "100% cotton")),
        sold("e-book", "0", None, 4, name="Über E-Book", track_inventory=False, is_featured=True),
        sold("secret", "20", "lamps", 5, is_active=False, is_featured=True, tags=("light",)),
        sold("ladder", "20", "attic", 6, compare_at_price=usd("20"), low_stock_threshold=0),
        sold("phantom", "1", "garden", 7),
    ]


def the_stock() -> Shelf:
    pieces = {"LAMP": 7, "DESK": 2, "SOFA": 4, "SHIRT-S": 1, "SHIRT-L": 9, "SHIRT-XL": 50, "SECRET": 1, "LADDER": 0}
    shelf = Shelf({Sku(sku): StockItem.receive(Sku(sku), n, NOW) for sku, n in pieces.items()})
    shelf[Sku("DESK")].reserve(2, uuid4(), NOW)
    shelf[Sku("LAMP")].reserve(1, uuid4(), NOW)
    shelf[Sku("SOFA")].backorder_limit = 3
    return shelf


@pytest.fixture
async def shop(container: AsyncContainer, store: Store) -> Shop:
    categories = {category.slug: category for category in the_categories()}
    products = {product.slug: product for product in the_products(categories)}
    async with store.transaction() as tx:
        await tx.categories.save(list(categories.values()))
        await tx.products.save(list(products.values()))
        await tx.stock.save(the_stock())
        await tx.products.count_sales({products[slug].id: pieces - 1 for slug, pieces in SOLD.items()})
        await tx.products.count_sales({products[slug].id: 1 for slug in SOLD})
    return Shop(await container.get(CatalogViews), store, products, categories)


def item_named(items: list[ProductItem], slug: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(next(item for item in items if item.slug == slug))
    return found


async def test_a_list_item_has_the_contracts_fields_in_their_order(shop: Shop) -> None:
    page = await shop.views.products(ProductFilter(), ALL)
    lamp, lamps = shop.products["lamp"], shop.categories["lamps"]
    assert list(item_named(page.results, "lamp").items()) == [
        ("id", str(lamp.id)),
        ("name", "Lamp"),
        ("slug", "lamp"),
        ("price", "20.00"),
        ("compare_at_price", "30.00"),
        ("currency", "USD"),
        ("is_on_sale", True),
        ("discount_percentage", 33),
        ("primary_image", "/media/lamp.webp"),
        ("category", {"id": str(lamps.id), "name": "Lamps", "slug": "lamps"}),
        ("category_name", "Lamps"),
        ("stock_quantity", 6),
        ("in_stock", True),
        ("is_low_stock", False),
        ("is_active", True),
        ("is_featured", False),
        ("has_variants", False),
        ("rating_average", None),
        ("rating_count", 0),
    ]


async def test_a_list_item_says_what_can_be_bought_now(shop: Shop) -> None:
    page = await shop.views.products(ProductFilter(), ALL)
    told = {(item.slug, item.stock_quantity, item.in_stock, item.is_low_stock) for item in page.results}
    assert told == {
        ("lamp", 6, True, False),
        ("desk", 0, False, True),  # all of it is reserved
        ("sofa", 7, True, False),  # three more can be ordered than there are
        ("shirt", 10, True, False),  # of its variants those that are active
        ("e-book", 0, True, False),  # not tracked
        ("ladder", 0, False, True),
        ("phantom", 0, False, True),  # tracked, and never received
    }


FILTERS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"lamp", "desk", "sofa", "shirt", "e-book", "ladder", "phantom"}),
    ({"category": "home"}, {"lamp", "desk", "sofa"}),
    ({"category": "lamps"}, {"lamp", "desk"}),
    ({"category": "desk-lamps"}, {"desk"}),
    ({"category": "attic"}, set()),
    ({"category": "nothing"}, set()),
    ({"min_price": usd("20")}, {"lamp", "desk", "sofa", "ladder"}),
    ({"max_price": usd("19.99")}, {"shirt", "e-book", "phantom"}),
    ({"min_price": usd("10"), "max_price": usd("20")}, {"lamp", "desk", "shirt", "ladder"}),
    ({"min_price": usd("21"), "max_price": usd("20")}, set()),
    ({"in_stock": True}, {"lamp", "sofa", "shirt", "e-book"}),
    ({"in_stock": False}, {"desk", "ladder", "phantom"}),
    ({"is_featured": True}, {"desk", "e-book"}),
    ({"is_featured": False, "in_stock": True}, {"lamp", "sofa", "shirt"}),
    ({"is_on_sale": True}, {"lamp"}),
    ({"is_on_sale": False}, {"desk", "sofa", "shirt", "e-book", "ladder", "phantom"}),
    ({"tags": ("light",)}, {"lamp", "desk"}),
    ({"tags": ("light", "new")}, {"lamp"}),
    ({"tags": ("Light",)}, set()),
    ({"attributes": (("Size", ("S",)),)}, {"shirt"}),
    ({"attributes": (("Size", ("M", "L")), ("Color", ("Blue",)))}, {"shirt"}),
    ({"attributes": (("Size", ("S",)), ("Color", ("Blue",)))}, set()),  # no variant is both
    ({"attributes": (("Size", ("XL",)),)}, set()),  # it is not active
    ({"attributes": (("size", ("S",)),)}, set()),
    ({"search": "LAM"}, {"lamp"}),
    ({"search": "über"}, {"e-book"}),
    ({"search": "shirt-xl"}, {"shirt"}),
    ({"search": "0%"}, {"shirt"}),
    ({"search": "_"}, set()),
    ({"search": "'; drop table product; --"}, set()),
    ({"search": ""}, {"lamp", "desk", "sofa", "shirt", "e-book", "ladder", "phantom"}),
    ({"is_active": False}, set()),
    (
        {"category": "home", "in_stock": True, "is_on_sale": True, "tags": ("new",), "search": "lamp"}
        | {"min_price": usd("1"), "max_price": usd("100"), "is_featured": False},
        {"lamp"},
    ),
]


async def test_every_filter_finds_what_it_says_in_every_order(shop: Shop) -> None:
    for wanted, found in FILTERS:
        for ordering in ORDERINGS:
            assert await shop.names(**wanted, ordering=ordering) == found, (wanted, ordering)


async def test_a_category_is_named_by_its_id_too(shop: Shop) -> None:
    assert await shop.names(category=str(shop.categories["lamps"].id)) == {"lamp", "desk"}
    assert await shop.names(category=str(shop.categories["lamps"].id).upper()) == {"lamp", "desk"}
    assert await shop.names(category=str(uuid4())) == set()


async def test_staff_find_what_is_not_active(shop: Shop) -> None:
    assert await shop.names(staff=True, is_active=False) == {"secret"}
    assert await shop.names(staff=True, is_active=False, category="home") == {"secret"}
    assert "secret" not in await shop.names(staff=True)
    assert await shop.names(staff=True, category="attic") == {"ladder"}


SOLD = {"sofa": 3, "lamp": 12, "desk": 3, "secret": 99}
KEYS: dict[str, Callable[[Product], Any]] = {
    "price": lambda one: one.price,
    "name": lambda one: one.name,
    "created_at": lambda one: one.created_at,
    "popularity": lambda one: SOLD.get(one.slug, 0),
}


@pytest.mark.parametrize("ordering", ORDERINGS)
async def test_pages_follow_each_other_without_gaps_in_both_directions(shop: Shop, ordering: str) -> None:
    key = KEYS[ordering.removeprefix("-")]
    active = [product for product in shop.products.values() if product.is_active]
    expected = sorted(active, key=lambda one: (key(one), one.id), reverse=ordering.startswith("-"))
    wanted = ProductFilter(ordering=ordering)  # type: ignore[arg-type]

    for size in (1, 2, 3, 7, 8):
        pages = [await shop.views.products(wanted, PageRequest(size))]
        while pages[-1].next:
            pages.append(await shop.views.products(wanted, PageRequest(size, pages[-1].next)))
        assert [item.slug for page in pages for item in page.results] == [one.slug for one in expected]
        assert pages[0].previous is None
        for before, page in pairwise(pages):
            back = await shop.views.products(wanted, PageRequest(size, page.previous))
            assert back.results == before.results


async def test_a_list_stays_in_order_while_rows_are_inserted(shop: Shop) -> None:
    first = await shop.views.products(ProductFilter(), PageRequest(3))
    async with shop.store.transaction() as tx:
        await tx.products.save([a_product("Newest", at=minutes(60)), a_product("Twin", at=minutes(3))])
    second = await shop.views.products(ProductFilter(), PageRequest(100, first.next))
    assert [item.slug for item in first.results] == ["phantom", "ladder", "e-book"]
    names = [item.name for item in second.results]
    assert sorted(names[:3]) == ["Shirt", "Sofa", "Twin"]
    assert names[3:] == ["Desk", "Lamp"]


async def test_a_cursor_is_good_for_its_ordering_only(shop: Shop) -> None:
    page = await shop.views.products(ProductFilter(), PageRequest(2))
    assert page.next is not None
    for ordering, cursor in (("price", page.next), ("-created_at", page.next[:-3] + "AAA"), ("-created_at", "x")):
        with pytest.raises(InvalidField):
            await shop.views.products(ProductFilter(ordering=ordering), PageRequest(2, cursor))  # type: ignore[arg-type]


async def test_a_categorys_products_are_those_of_the_filter(shop: Shop) -> None:
    page = await shop.views.category_products("lamps", ProductFilter(ordering="name"), PageRequest(1))
    assert [item.slug for item in page.results] == ["desk"]
    rest = await shop.views.category_products("lamps", ProductFilter(ordering="name"), PageRequest(1, page.next))
    assert [item.slug for item in rest.results] == ["lamp"]
    empty = await shop.views.category_products("sofas", ProductFilter(is_featured=True), ALL)
    assert empty.results == []
    for ref in ("nothing", "attic", str(uuid4())):
        with pytest.raises(CategoryNotFound):
            await shop.views.category_products(ref, ProductFilter(), ALL)


async def test_the_newest_ten_featured_are_shown(shop: Shop) -> None:
    assert [item.slug for item in await shop.views.featured()] == ["e-book", "desk"]
    more = [a_product(f"N{n}", slug=f"n{n}", at=minutes(100 + n), is_featured=True) for n in range(12)]
    async with shop.store.transaction() as tx:
        await tx.products.save(more)
    assert [item.slug for item in await shop.views.featured()] == [f"n{n}" for n in range(11, 1, -1)]


async def test_a_product_in_full(shop: Shop) -> None:
    shirt = shop.products["shirt"]
    found = await shop.views.product("shirt")
    assert found == await shop.views.product(str(shirt.id))
    assert found.version == "1.3"
    told = msgspec.to_builtins(found.view)
    assert list(told)[19:] == [
        *("description", "sku", "track_inventory", "tags", "meta_title", "meta_description", "images", "variants"),
        *("options", "created_at", "updated_at"),
    ]
    assert (told["category"], told["stock_quantity"], told["sku"]) == (None, 10, "SHIRT")
    small, large, _ = shirt.variants
    both = {"compare_at_price": None, "in_stock": True, "is_active": True}
    assert told["variants"] == [
        {"id": str(small.id), "name": "S", "sku": "SHIRT-S", "price": "10.00", "stock_quantity": 1}
        | {"attributes": {"Size": "S", "Color": "Red"}}
        | both,
        {"id": str(large.id), "name": "L", "sku": "SHIRT-L", "price": "12.00", "stock_quantity": 9}
        | {"attributes": {"Size": "L", "Color": "Blue"}}
        | both,
    ]
    assert told["options"] == [{"name": "Size", "values": ["S", "L"]}, {"name": "Color", "values": ["Red", "Blue"]}]
    assert told["created_at"] == "2026-11-22T12:03:00Z"


async def test_a_products_pictures_and_the_way_to_its_shelf(shop: Shop) -> None:
    told = msgspec.to_builtins((await shop.views.product("lamp")).view)
    (image,) = shop.products["lamp"].images
    url = "/media/lamp.webp"
    assert told["images"] == [
        {"id": str(image.id), "url": url, "thumbnails": {"small": url, "medium": url}}
        | {"alt_text": "A lamp", "is_primary": True, "position": 0}
    ]
    home, lamps = shop.categories["home"], shop.categories["lamps"]
    assert told["category"] == {"id": str(lamps.id), "name": "Lamps", "slug": "lamps"} | {
        "ancestors": [{"id": str(home.id), "name": "Home", "slug": "home"}]
    }
    deep = msgspec.to_builtins((await shop.views.product("desk")).view)
    assert [above["slug"] for above in deep["category"]["ancestors"]] == ["home", "lamps"]


async def test_only_staff_see_what_is_inside(shop: Shop) -> None:
    public, staff = await shop.views.product("lamp"), await shop.views.product("lamp", staff=True)
    stocked = {"cost_per_item": None, "low_stock_threshold": 5, "on_hand": 7, "reserved": 1}
    inside = {**stocked, "weight": 0, "tax_class": "standard"}
    assert msgspec.to_builtins(staff.view) == msgspec.to_builtins(public.view) | inside
    assert isinstance(staff.view, StaffProductView)
    assert public.version == staff.version == "1.2"
    shirt = await shop.views.product("shirt", staff=True)
    assert [variant.sku for variant in shirt.view.variants] == ["SHIRT-S", "SHIRT-L", "SHIRT-XL"]


async def test_an_inactive_product_is_there_for_staff_alone(shop: Shop) -> None:
    assert (await shop.views.product("secret", staff=True)).view.is_active is False
    for ref in ("secret", str(shop.products["secret"].id), "nothing", str(uuid4()), ""):
        with pytest.raises(ProductNotFound):
            await shop.views.product(ref)


async def test_a_products_version_moves_with_its_stock(shop: Shop) -> None:
    async with shop.store.transaction() as tx:
        shelf = await tx.stock.take([Sku("SHIRT-S")])
        shelf[Sku("SHIRT-S")].adjust(1, NOW, "")
        await tx.stock.save(shelf)
    assert (await shop.views.product("shirt")).version == "1.4"


async def test_categories_count_what_is_in_them_and_below(shop: Shop) -> None:
    page = await shop.views.categories(ALL)
    told = {view.slug: (view.products_count, view.parent.slug if view.parent else None) for view in page.results}
    assert told == {
        "desk-lamps": (1, "lamps"),
        "garden": (1, None),
        "home": (3, None),
        "lamps": (2, "home"),
        "sofas": (1, "home"),
    }
    assert list(told) == ["desk-lamps", "garden", "home", "lamps", "sofas"]
    for view in page.results:
        wanted = await shop.views.category_products(view.slug, ProductFilter(), ALL)
        assert len(wanted.results) == view.products_count
    everything = await shop.views.categories(ALL, staff=True)
    assert [view.slug for view in everything.results if not view.is_active] == ["attic"]


async def test_categories_come_in_pages(shop: Shop) -> None:
    first = await shop.views.categories(PageRequest(2))
    second = await shop.views.categories(PageRequest(2, first.next))
    third = await shop.views.categories(PageRequest(2, second.next))
    back = await shop.views.categories(PageRequest(2, third.previous))
    assert [[one.slug for one in page.results] for page in (first, second, third)] == [
        ["desk-lamps", "garden"],
        ["home", "lamps"],
        ["sofas"],
    ]
    assert (first.previous, third.next) == (None, None)
    assert back == second


async def test_categories_hang_in_a_tree(shop: Shop) -> None:
    def slugs(views: Any) -> Any:
        return {view.slug: slugs(view.children) for view in views}

    tree = await shop.views.category_tree()
    assert slugs(tree) == {"garden": {}, "home": {"lamps": {"desk-lamps": {}}, "sofas": {}}}
    staff = await shop.views.category_tree(staff=True)
    assert slugs(staff)["home"] == {"attic": {}, "lamps": {"desk-lamps": {}}, "sofas": {}}


async def test_a_category_by_slug_or_id(shop: Shop) -> None:
    garden = shop.categories["garden"]
    found = await shop.views.category("garden")
    assert found == await shop.views.category(str(garden.id))
    assert msgspec.to_builtins(found.view) == {
        "id": str(garden.id),
        "name": "Garden",
        "slug": "garden",
        "description": "<p>Out</p>",
        "parent": None,
        "is_active": True,
        "products_count": 1,
    }
    with pytest.raises(CategoryNotFound):
        await shop.views.category("attic")
    assert (await shop.views.category("attic", staff=True)).view.is_active is False
