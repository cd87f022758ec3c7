"""The sample catalogue: what ships with the shop, and what is generated beside it."""

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from itertools import count
from uuid import UUID

import pytest
from PIL import Image

from adapters.media.drawing.picture import COLOURS, MOTIFS, draw
from adapters.memory.media import MemoryMedia
from adapters.memory.store import MemoryStore
from adapters.memory.tables import MemoryDatabase, Tables
from application.freshness import Bulletin
from application.ports import Currency
from application.sample.generated import KINDS, generate
from application.sample.load import LoadSample, SampleReport, hand_made
from application.sample.wanted import PAINTS, money
from domain.inventory import Sku
from domain.money import Money

AT = datetime(2026, 11, 22, tzinfo=UTC)


class Shop:
    """A shop in memory that is given its sample. Pictures are not drawn but named, which is quicker."""

    def __init__(self) -> None:
        ids = (UUID(int=n) for n in count(1)).__next__
        self.database = MemoryDatabase(ids, Bulletin())
        self.pictures = MemoryMedia()
        self.progress: list[tuple[int, int]] = []
        store = MemoryStore(self.database)
        self.load = LoadSample(store, lambda: AT, ids, _named, self.pictures, Currency("USD"))

    @property
    def tables(self) -> Tables:
        return self.database.tables

    async def loads(self, products: int = 0, seed: int = 1) -> SampleReport:
        return await self.load(products, seed, lambda *step: self.progress.append(step))


def _named(motif: str, colour: str, seed: int) -> bytes:
    return f"{motif} {colour} {seed}".encode()


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_the_shop_opens_with_84_products_on_13_shelves_in_two_levels(shop: Shop) -> None:
    report = await shop.loads()
    assert (report.products_created, report.products_skipped, report.categories_created) == (84, 0, 18)
    lower = [one for one in shop.tables.categories.values() if one.parent]
    assert len(lower) == 13
    assert Counter(one.category for one in shop.tables.products.values()).keys() == {one.id for one in lower}
    assert shop.progress == [(84, 84)]


async def test_every_product_is_told_of_shown_and_found(shop: Shop) -> None:
    await shop.loads()
    for product in shop.tables.products.values():
        assert len(product.description) > 30
        assert product.meta_title == f"{product.name} | Tradepost"
        assert product.tags
        assert len(product.images) in {1, 2}
        assert all(image.url.removeprefix("/media/") in shop.pictures.kept for image in product.images)


async def test_some_goods_are_featured_on_sale_scarce_or_gone(shop: Shop) -> None:
    await shop.loads()
    products = shop.tables.products.values()
    stock = shop.tables.stock
    sums = [sum(stock[Sku(sku)].available for sku in one.skus) for one in products if one.track_inventory]
    assert sum(one.is_featured for one in products) == 8
    assert sum(one.compare_at_price is not None for one in products) == 18
    assert sum(bool(one.variants) for one in products) == 59
    assert sum(0 < total <= 5 for total in sums) == 9
    assert sum(total == 0 for total in sums) == 8


async def test_a_size_that_costs_more_says_so(shop: Shop) -> None:
    await shop.loads()
    board = next(one for one in shop.tables.products.values() if one.slug == "walnut-board")
    assert [(one.sku, one.price) for one in board.variants] == [
        ("TP-WALNUT-BOARD-SMALL", None),
        ("TP-WALNUT-BOARD-LARGE", Money(6000, "USD")),
    ]


async def test_loading_it_again_changes_nothing(shop: Shop) -> None:
    await shop.loads(products=20)
    before = ([one.version for one in shop.tables.products.values()], len(shop.tables.movements))
    report = await shop.loads(products=20)
    assert (report.products_created, report.products_skipped, report.pictures_drawn) == (0, 104, 0)
    assert ([one.version for one in shop.tables.products.values()], len(shop.tables.movements)) == before


async def test_generated_products_come_in_batches_and_share_pictures(shop: Shop) -> None:
    report = await shop.loads(products=1_200, seed=7)
    assert report.products_created == 1_284
    assert shop.progress == [(84, 1_284), (584, 1_284), (1_084, 1_284), (1_284, 1_284)]
    assert sum(key.startswith("sample/any/") for key in shop.pictures.kept) <= len(KINDS) * 6


def test_the_same_seed_makes_the_same_goods() -> None:
    assert list(generate(300, 5)) == list(generate(300, 5))
    assert [one.good.name for one in generate(300, 5)] != [one.good.name for one in generate(300, 6)]


def test_generated_goods_have_three_variants_and_two_pictures_on_average() -> None:
    goods = list(generate(10_000, 1))
    assert round(sum(len(one.variants) for one in goods) / 10_000, 1) == 3.0
    assert round(sum(len(one.pictures) for one in goods) / 10_000, 1) == 2.0


def test_no_two_of_a_hundred_thousand_goods_share_a_name_or_sku() -> None:
    names: set[str] = set()
    skus: Counter[str] = Counter()
    for one in generate(100_000, 3):
        names.add(one.good.name)
        skus.update({one.sku, *one.skus})
    assert len(names) == 100_000
    assert skus.most_common(1)[0][1] == 1


def test_prices_have_the_digits_of_the_shops_currency() -> None:
    assert [str(money(4950, currency)) for currency in ("USD", "JPY", "KWD")] == ["49.50", "4950", "49.500"]


def test_the_lists_name_only_motifs_and_colours_that_can_be_drawn() -> None:
    pictures = [picture for one in (*hand_made(), *generate(500, 1)) for picture in one.pictures]
    assert {picture.motif for picture in pictures} <= MOTIFS.keys()
    assert {picture.colour for picture in pictures} <= COLOURS.keys()
    assert set(COLOURS) == PAINTS


@pytest.mark.parametrize("motif", sorted(MOTIFS))
def test_a_motif_is_drawn_as_webp_the_same_each_time(motif: str) -> None:
    data = draw(motif, "teal", 3)
    with Image.open(BytesIO(data)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (800, 800))
    assert data == draw(motif, "teal", 3)
    assert data != draw(motif, "clay", 3)
