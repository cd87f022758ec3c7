"""The import of product exports, from the file's text to the shelves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from adapters.memory.rates import MemoryCurrentRates
from adapters.memory.store import MemoryStore
from adapters.memory.tables import MemoryDatabase
from application.freshness import Bulletin
from application.importing.catalog import ImportCatalog
from application.importing.report import ImportReport
from application.importing.rows import ImportFileBroken, text_of
from application.importing.stocking import BACKORDERS
from application.ports import Currency, ShopUrl, Store
from domain.catalog import Product
from domain.categories import Category
from domain.inventory import Sku, StockItem
from domain.money import Money

DATA = Path(__file__).parents[1] / "data"
CLASSIC = text_of((DATA / "shopify-classic.csv").read_bytes())
USD = Currency("USD")
HOME = ShopUrl("http://shop.test")
AT = datetime(2026, 11, 22, tzinfo=UTC)
SIMPLE = "Handle,Title,Variant SKU,Variant Price,Variant Inventory Qty\n"


@dataclass
class Shop:
    """A shop in memory, and what a test wants to know of it."""

    currency: Currency = USD
    ids: Callable[[], UUID] = field(default_factory=lambda: (UUID(int=n) for n in count(1)).__next__)

    def __post_init__(self) -> None:
        self.database = MemoryDatabase(self.ids, Bulletin())
        self.store = MemoryStore(self.database)
        self.progress: list[tuple[int, int]] = []

    async def imports(self, text: str, *, dry_run: bool = False, restock: bool = False) -> ImportReport:
        return await self.importing(self.store)(
            text, lambda *step: self.progress.append(step), dry_run=dry_run, restock=restock
        )

    def importing(self, store: Store) -> ImportCatalog:
        rates = MemoryCurrentRates(self.database)
        return ImportCatalog(store, lambda: AT, self.ids, sanitise, self.currency, HOME, rates)

    def product(self, slug: str) -> Product:
        return next(one for one in self.database.tables.products.values() if one.slug == slug)

    def stock(self, sku: str) -> StockItem:
        return self.database.tables.stock[Sku(sku)]

    def categories(self) -> dict[str, Category]:
        return {one.slug: one for one in self.database.tables.categories.values()}

    def state(self) -> tuple[dict[str, int], dict[str, int], int, int]:
        """Versions of all there is, and how long the logs are."""
        tables = self.database.tables
        return (
            {one.slug: one.version for one in tables.products.values()},
            {one.sku: one.version for one in tables.stock.values()},
            len(tables.outbox),
            len(tables.movements),
        )

    async def sells(self, sku: str, quantity: int) -> None:
        async with self.store.transaction() as tx:
            shelf = await tx.stock.take([Sku(sku)])
            shelf.reserve({Sku(sku): quantity}, UUID(int=99), AT)
            shelf.sell({Sku(sku): quantity}, UUID(int=99), AT)
            await tx.stock.save(shelf)


def sanitise(html: str) -> str:
    return html.split("<script>", maxsplit=1)[0]


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_the_classic_export_is_taken_over_with_variants_pictures_and_stock(shop: Shop) -> None:
    report = await shop.imports(CLASSIC)
    assert (report.products_created, report.products_changed, report.products_unchanged) == (5, 0, 0)
    assert (report.variants, report.images, report.categories_created, report.stock_received) == (7, 6, 4, 5)
    assert shop.progress == [(0, 9), (9, 9)]


async def test_a_product_without_options_carries_its_sku_prices_and_search_texts(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    apron = shop.product("linen-apron")
    assert (apron.sku, apron.variants, apron.price) == ("APRON-1", (), Money(3990, "USD"))
    assert (apron.compare_at_price, apron.cost_per_item) == (Money(4990, "USD"), Money(1425, "USD"))
    assert (apron.meta_title, apron.meta_description) == ("Linen Apron from our mill", "An apron of washed linen.")
    assert apron.description == '<p>A "chef\'s" apron,\nin two lines.</p>'
    assert apron.primary_image == "https://pictures.example/apron.jpg"
    assert shop.stock("APRON-1").on_hand == 12


async def test_variants_have_a_price_of_their_own_only_where_it_differs(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    sock = shop.product("wool-sock")
    assert [(one.name, one.price, one.compare_at_price) for one in sock.variants] == [
        ("Small / Red", None, None),
        ("Small / Blue", None, None),
        ("Large / Red", Money(1450, "USD"), Money(1800, "USD")),
    ]
    assert sock.options == {"Size": ["Small", "Large"], "Colour": ["Red", "Blue"]}


async def test_empty_skus_are_made_and_a_repeated_one_is_replaced_and_noted(shop: Shop) -> None:
    report = await shop.imports(CLASSIC)
    sock = shop.product("wool-sock")
    assert sock.sku == "WOOL-SOCK"
    assert [one.sku for one in sock.variants] == ["SOCK-S-R", "WOOL-SOCK-SMALL-BLUE", "WOOL-SOCK-LARGE-RED"]
    assert [(one.row, one.handle, one.code) for one in report.notes] == [
        (7, "wool-sock", "negative-quantity"),
        (7, "wool-sock", "sku-replaced"),
    ]


async def test_a_sku_of_another_product_is_left_to_it(shop: Shop) -> None:
    await shop.imports(SIMPLE + "lamp,Lamp,L-1,5,1\n")
    report = await shop.imports(SIMPLE + "torch,Torch,L-1,6,2\n")
    assert shop.product("torch").sku == "TORCH"
    assert [(one.row, one.code) for one in report.notes] == [(2, "sku-replaced")]
    before = shop.state()
    again = await shop.imports(SIMPLE + "torch,Torch,L-1,6,2\n")
    assert (again.products_unchanged, shop.state()) == (1, before)


async def test_what_continues_when_sold_out_may_be_ordered_ahead(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    assert shop.stock("SOCK-S-R").available == 5 + BACKORDERS
    assert shop.stock("WOOL-SOCK-SMALL-BLUE").available == 0


async def test_what_is_not_tracked_has_no_stock(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    assert not shop.product("free-pattern").track_inventory
    assert Sku("PATTERN") not in shop.database.tables.stock


async def test_categories_are_made_once_in_two_levels(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    made = shop.categories()
    assert sorted(made) == ["clothing", "kitchen", "paper", "socks"]
    assert made["socks"].parent == made["clothing"].id
    assert shop.product("wool-sock").category == made["socks"].id


async def test_the_second_import_changes_nothing(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    before = shop.state()
    report = await shop.imports(CLASSIC)
    assert (report.products_created, report.products_changed, report.products_unchanged) == (0, 0, 5)
    assert (report.categories_created, report.stock_received) == (0, 0)
    assert shop.state() == before


async def test_sold_pieces_do_not_come_back_with_the_second_import(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    await shop.sells("APRON-1", 2)
    report = await shop.imports(CLASSIC)
    assert shop.stock("APRON-1").on_hand == 10
    assert [(one.row, one.code) for one in report.notes if one.code == "stock-kept"] == [(2, "stock-kept")]


async def test_restocking_follows_the_file(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    await shop.sells("APRON-1", 2)
    await shop.imports(CLASSIC, restock=True)
    assert shop.stock("APRON-1").on_hand == 12
    before = shop.state()
    await shop.imports(CLASSIC, restock=True)
    assert shop.state() == before


async def test_a_changed_row_changes_its_product_only_and_keeps_ids(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    sock = shop.product("wool-sock")
    report = await shop.imports(CLASSIC.replace("14.50,18", "15.50,18"))
    changed = shop.product("wool-sock")
    assert (report.products_changed, report.products_unchanged) == (1, 4)
    assert changed.variants[2].price == Money(1550, "USD")
    assert [one.id for one in changed.variants] == [one.id for one in sock.variants]
    assert changed.images == sock.images
    assert changed.version == sock.version + 1


async def test_columns_that_the_file_lacks_are_left_as_they_are(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    before = shop.product("linen-apron")
    await shop.imports("Handle,Title,Variant Price\nlinen-apron,Apron of Linen,39.90\n")
    after = shop.product("linen-apron")
    assert after.name == "Apron of Linen"
    assert (after.description, after.tags, after.images) == (before.description, before.tags, before.images)
    assert (after.sku, after.compare_at_price, after.category) == ("APRON-1", Money(4990, "USD"), before.category)


async def test_a_variant_that_left_the_file_leaves_the_shelf(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    lines = CLASSIC.splitlines(keepends=True)
    await shop.imports("".join(line for line in lines if ",Small,,Blue," not in line))
    assert [one.name for one in shop.product("wool-sock").variants] == ["Small / Red", "Large / Red"]
    assert Sku("WOOL-SOCK-SMALL-BLUE") not in shop.database.tables.stock


async def test_what_orders_have_reserved_stays_on_the_shelf_though_its_variant_left(shop: Shop) -> None:
    await shop.imports(CLASSIC)
    async with shop.store.transaction() as tx:
        shelf = await tx.stock.take([Sku("SOCK-S-R")])
        shelf.reserve({Sku("SOCK-S-R"): 1}, UUID(int=99), AT)
        await tx.stock.save(shelf)
    await shop.imports(SIMPLE + "wool-sock,Wool Sock,PLAIN,12,1\n")
    assert shop.product("wool-sock").skus == ("PLAIN",)
    assert shop.stock("SOCK-S-R").reserved == 1
    assert Sku("WOOL-SOCK-LARGE-RED") not in shop.database.tables.stock


async def test_a_dry_run_reports_the_same_and_writes_nothing(shop: Shop) -> None:
    rehearsed = await shop.imports(CLASSIC, dry_run=True)
    assert rehearsed.dry_run
    assert shop.state() == ({}, {}, 0, 0)
    assert shop.categories() == {}
    played = await shop.imports(CLASSIC)
    played.dry_run = True
    assert rehearsed == played


async def test_a_broken_file_changes_nothing(shop: Shop) -> None:
    with pytest.raises(ImportFileBroken):
        await shop.imports(CLASSIC + 'mug,"Mug\n')
    assert shop.state() == ({}, {}, 0, 0)


async def test_a_failure_half_way_leaves_nothing_behind(shop: Shop) -> None:
    rows = "".join(f"lamp-{n},Lamp {n},,5,1\n" for n in range(501))

    def fails_at_the_end(done: int, total: int) -> None:
        if done == total:
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await shop.importing(shop.store)(SIMPLE + rows, fails_at_the_end)
    assert shop.state() == ({}, {}, 0, 0)


async def test_refused_products_do_not_stop_the_others(shop: Shop) -> None:
    report = await shop.imports(text_of((DATA / "shopify-refused.csv").read_bytes()))
    assert (report.products_created, len(report.refused)) == (1, 15)
    assert [one.row for one in report.refused] == sorted(one.row for one in report.refused)
    assert [product.slug for product in shop.database.tables.products.values()] == ["good"]


async def test_a_deleted_product_stays_deleted(shop: Shop) -> None:
    await shop.imports(SIMPLE + "lamp,Lamp,L-1,5,1\n")
    async with shop.store.transaction() as tx:
        lamp = (await tx.products.find_by_slugs(["lamp"]))["lamp"]
        lamp.archive(AT)
        await tx.products.save([lamp])
    report = await shop.imports(SIMPLE + "lamp,Lamp,L-1,6,1\n")
    assert [(one.row, one.code) for one in report.refused] == [(2, "product-archived")]
    assert shop.product("lamp").price == Money(500, "USD")
