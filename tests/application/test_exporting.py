"""Export and import are each other's inverse: over the sample, over Shopify's files, and over odd products."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from dishka import AsyncContainer

from application.exporting.catalog import ExportCatalog, Snapshots
from application.importing.stocking import BACKORDERS
from application.ports import Store
from application.sample.load import LoadSample
from domain.catalog import Product
from domain.categories import Category
from domain.images import Image, positioned
from domain.inventory import Shelf, Sku, StockItem
from domain.rates import EXEMPT
from entrypoints.container import make_memory_container
from entrypoints.settings import Settings
from tests.application.transfers import catalogue, exported, imported
from tests.builders import NOW, a_category, a_product, a_shelf, a_variant, usd

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[AsyncContainer]:
    """Another, empty shop."""
    made = make_memory_container(settings)
    yield made
    await made.close()


async def put(
    container: AsyncContainer, *products: Product, stock: Shelf | None = None, shelves: tuple[Category, ...] = ()
) -> None:
    async with (await container.get(Store)).transaction() as tx:
        await tx.categories.save(shelves)
        await tx.products.save(products)
        await tx.stock.save(stock or Shelf())


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


async def there_and_back(container: AsyncContainer, elsewhere: AsyncContainer) -> bytes:
    """Imported elsewhere, the export makes the same catalogue; imported here it changes nothing."""
    data, before = await exported(container), await catalogue(container)
    made = await imported(elsewhere, data)
    assert made.refused == []
    assert made.products_created == len(before)
    assert await catalogue(elsewhere) == before
    again = await imported(container, data)
    assert (again.products_created, again.products_changed, again.products_unchanged) == (0, 0, len(before))
    assert await catalogue(container) == before
    assert await exported(elsewhere) == data
    return data


async def test_the_sample_catalogue_comes_back_as_it_went(container: AsyncContainer, elsewhere: AsyncContainer) -> None:
    load = await container.get(LoadSample)
    await replace(load, draw=lambda motif, colour, seed: b"a picture")(products=300)
    await there_and_back(container, elsewhere)


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("shopify-*.csv")))
async def test_what_came_from_shopify_comes_back_as_it_went(
    container: AsyncContainer, elsewhere: AsyncContainer, name: str
) -> None:
    await imported(container, (DATA / name).read_bytes(), restock=True)
    await there_and_back(container, elsewhere)


def odd_products() -> tuple[list[Product], Shelf, tuple[Category, ...]]:
    """What Shopify's columns cannot say, each at least once."""
    rooms = a_category("Rooms")
    kitchen = a_category("Kitchen", rooms)
    spoons = a_category("Spoons > 1%", kitchen, slug="spoons")
    other = a_category("kitchen", rooms, slug="kitchen-2")
    named = a_category("Uncategorized", slug="none")
    products = [
        a_product(
            "Lamp",
            slug="lamp",
            sku="=LAMP+1",
            compare_at_price=usd("25"),
            cost_per_item=usd("7.25"),
            description='<p>A "lamp",\nin two lines; <b>good</b></p>',
            category=spoons.id,
            tags=("a,b", "-c", ' "d" '),
            is_featured=True,
            low_stock_threshold=0,
            weight=700,
            tax_class=EXEMPT,
            meta_title="@lamp",
            meta_description="one\ntwo",
            images=positioned(
                [
                    Image(id=uuid4(), url="/media/products/a.webp", alt_text="+front"),
                    Image(id=uuid4(), url="https://pictures.example/b.jpg?x=1&y=2", is_primary=True),
                    Image(id=uuid4(), url="https://elsewhere.example/media/c.jpg", alt_text="'quoted'"),
                ]
            ),
        ),
        a_product("'=Torch", slug="torch", category=other.id, is_active=False, compare_at_price=usd("1")),
        a_product("Voucherless", slug="untracked", track_inventory=False, category=named.id),
        a_product(
            "Sock",
            slug="sock",
            sku="SOCK",
            price="9",
            weight=90,
            category=kitchen.id,
            variants=(
                a_variant("Red / S", "S-1", attributes={"Size": "S", "Colour": "Red"}),
                a_variant("Red / M", "S-2", attributes={"Size": "M", "Colour": "Red"}, price=usd("9")),
                a_variant("Blue / M", "S-3", attributes={"Size": "M", "Colour": "Blue"}, price=usd("12.50"), weight=0),
                a_variant("Grey", "S-4", attributes={"Size": "L", "Colour": "Grey"}, is_active=False),
                a_variant("Blue / L", "S-5", attributes={"Size": "L", "Colour": "Blue"}, compare_at_price=usd("8")),
            ),
        ),
        a_product(
            "Box",
            slug="box",
            sku="BOX-1",
            price="30",
            compare_at_price=usd("40"),
            variants=(
                a_variant("One", "BOX-1", price=usd("10")),
                a_variant("Two", "BOX-2", attributes={"a": "1", "b": "2", "c": "3", "d": "4"}, price=usd("20")),
                a_variant("Three", "BOX-3", attributes={"a": "Default Title"}),
            ),
        ),
        a_product("Tray", slug="tray", variants=(a_variant("Only", "TRAY-1", attributes={"Title": "Default Title"}),)),
        a_product("Gone", slug="gone"),
    ]
    products[-1].archive(NOW)
    tracked = [one for one in products if one.track_inventory and one.slug != "gone"]
    pieces = count(3)
    shelf = a_shelf(**{sku: next(pieces) for one in tracked for sku in one.skus})
    for one in tracked:
        for sku in one.skus:
            shelf[Sku(sku)].low_stock_threshold = one.low_stock_threshold
    shelf[Sku("S-1")].backorder_limit, shelf[Sku("S-2")].backorder_limit = 7, BACKORDERS
    return products, shelf, (rooms, kitchen, spoons, other, named)


async def test_odd_products_come_back_as_they_went(container: AsyncContainer, elsewhere: AsyncContainer) -> None:
    products, shelf, shelves = odd_products()
    await put(container, *products, stock=shelf, shelves=shelves)
    data = await there_and_back(container, elsewhere)
    assert "gone" not in {row["Handle"] for row in rows_of(data)}


async def test_what_was_ordered_ahead_is_fewer_than_none_and_changes_nothing_here(container: AsyncContainer) -> None:
    item = StockItem.receive(Sku("LAMP"), 1, NOW)
    item.backorder_limit, item.low_stock_threshold = 5, 5
    item.reserve(4, uuid4(), NOW)
    await put(container, a_product("Lamp", slug="lamp", sku="LAMP"), stock=Shelf({Sku("LAMP"): item}))
    data, before = await exported(container), await catalogue(container)
    assert [row["Variant Inventory Qty"] for row in rows_of(data)] == ["-3"]
    report = await imported(container, data)
    assert (report.products_unchanged, report.refused) == (1, [])
    assert await catalogue(container) == before


async def test_no_cell_is_a_formula(container: AsyncContainer) -> None:
    products, shelf, shelves = odd_products()
    await put(container, *products, stock=shelf, shelves=shelves)
    cells = [cell for row in rows_of(await exported(container)) for cell in row.values()]
    assert [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}] == []
    assert "'=LAMP+1" in cells
    assert "''=Torch" in cells


async def test_pictures_of_the_shop_have_addresses_that_others_can_open(container: AsyncContainer) -> None:
    products, shelf, shelves = odd_products()
    await put(container, *products, stock=shelf, shelves=shelves)
    assert rows_of(await exported(container))[0]["Image Src"] == "http://shop.test/media/products/a.webp"


async def test_edited_prices_and_options_win_over_what_our_own_columns_keep(container: AsyncContainer) -> None:
    sock = a_product("Sock", slug="sock", sku="SOCK", price="9", variants=SOCKS)
    await put(container, sock, stock=a_shelf(**{"S-1": 1, "S-2": 1}))
    data = (await exported(container)).replace(b",9.00,", b",8.00,").replace(b",Red,", b",Crimson,")
    report = await imported(container, data)
    assert report.products_changed == 1
    changed = (await catalogue(container))["sock"]
    assert changed["price"] == usd("8")
    assert [(name, price) for name, _, price, *_ in changed["variants"]] == [("Crimson", None), ("Blue", usd("12.50"))]


SOCKS = (
    a_variant("Red", "S-1", attributes={"Colour": "Red"}),
    a_variant("Blue", "S-2", attributes={"Colour": "Blue"}, price=usd("12.50")),
)


async def test_white_space_at_the_ends_is_no_change(container: AsyncContainer) -> None:
    await put(container, a_product("Lamp", slug="lamp", description="<p>Lamp</p>\n", meta_title=" lamp "))
    report = await imported(container, await exported(container))
    assert (report.products_changed, report.products_unchanged) == (0, 1)


async def test_an_export_is_one_picture_however_long_it_takes(container: AsyncContainer) -> None:
    await put(container, *(a_product("Lamp", slug=f"lamp-{n:04}") for n in range(1_100)))
    pieces: list[bytes] = []
    steps: list[tuple[int, int]] = []

    async def write(piece: bytes) -> None:
        pieces.append(piece)

    async with (await container.get(Snapshots)).take() as snapshot:
        await put(container, a_product("Late", slug="late"))
        assert snapshot.total == 1_100
        found = [one.product.slug async for batch in snapshot.products(500) for one in batch]
    assert "late" not in found
    assert len(found) == 1_100
    report = await (await container.get(ExportCatalog))(write, lambda *step: steps.append(step))
    assert (report.products, report.rows, report.bytes) == (1_101, 1_101, len(b"".join(pieces)))
    assert steps == [(500, 1_101), (1_000, 1_101), (1_101, 1_101)]
