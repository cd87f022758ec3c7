"""Loads the sample catalogue into the shop: the hand-made goods, and as many generated ones as wanted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import msgspec

from application.ports import Clock, Currency, Draw, Media, NewId, Progress, Store, Transaction
from application.sample.gallery import Gallery
from application.sample.generated import generate
from application.sample.making import Making, Shelves
from application.sample.tree import CATALOG
from application.sample.wanted import Wanted, by_hand
from domain.catalog import Product
from domain.inventory import Shelf

AT_ONCE = 500


class SampleReport(msgspec.Struct, kw_only=True):
    """What was made; what the shop had already was skipped."""

    products_created: int = 0
    products_skipped: int = 0
    variants: int = 0  # what can be bought: a product without options is one
    images: int = 0
    pictures_drawn: int = 0
    categories_created: int = 0


def untold(done: int, total: int) -> None:
    """For callers that want no progress."""


@dataclass(frozen=True, slots=True)
class LoadSample:
    """Safe to repeat: what is there by its slug stays as it is. The same seed makes the same goods."""

    store: Store
    clock: Clock
    new_id: NewId
    draw: Draw
    media: Media
    currency: Currency

    async def __call__(self, products: int = 0, seed: int = 1, progress: Progress = untold) -> SampleReport:
        """The hand-made goods, and so many generated ones beside them."""
        report = SampleReport()
        gallery = Gallery(self.draw, self.media)
        listed = tuple(hand_made())
        total = len(listed) + products
        done = 0
        for batch in chain(batches(iter(listed)), batches(generate(products, seed))):
            await self._load(batch, gallery, report)
            done += len(batch)
            progress(done, total)
        report.pictures_drawn = len(gallery.kept)
        return report

    async def _load(self, batch: list[Wanted], gallery: Gallery, report: SampleReport) -> None:
        """Pictures come first: drawing and keeping them has no business inside a transaction."""
        async with self.store.transaction() as tx:
            known = await tx.products.find_by_slugs(one.slug for one in batch)
        missing = [one for one in batch if one.slug not in known]
        report.products_skipped += len(batch) - len(missing)
        if missing:
            await gallery.hang(picture for one in missing for picture in one.pictures)
            async with self.store.transaction() as tx:
                await self._store(tx, missing, gallery, report)

    async def _store(self, tx: Transaction, missing: list[Wanted], gallery: Gallery, report: SampleReport) -> None:
        at = self.clock()
        shelves = Shelves(self.new_id, at, {category.slug: category for category in await tx.categories.all()})
        making = Making(self.new_id, at, self.currency, gallery.kept)
        products: list[Product] = []
        shelf = Shelf()
        for one in missing:
            products.append(making.product(one, shelves.place(one.shelf)))
            shelf.update((item.sku, item) for item in making.stock(one, products[-1]))
        if shelves.made:
            await tx.categories.save(shelves.made)
        await tx.products.save(products)
        await tx.stock.save(shelf)
        report.categories_created += len(shelves.made)
        report.products_created += len(products)
        report.variants += sum(len(product.skus) for product in products)
        report.images += sum(len(product.images) for product in products)


def hand_made() -> Iterator[Wanted]:
    return (by_hand(shelf, good) for shelf, goods in CATALOG.items() for good in goods)


def batches(goods: Iterator[Wanted]) -> Iterator[list[Wanted]]:
    while batch := list(islice(goods, AT_ONCE)):
        yield batch
