"""Writes the whole catalogue as a product export in Shopify's CSV format, a piece at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

import msgspec

from application.exporting.lines import lines
from application.exporting.places import Places
from application.exporting.rows import Rows
from application.ports import Progress, ShopUrl
from domain.catalog import Product
from domain.categories import Category
from domain.inventory import StockItem

AT_ONCE = 500
PIECE = 1 << 20  # bytes, about: what is written at once

Write = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stocked:
    """A product with what there is of what it sells."""

    product: Product
    stock: tuple[StockItem, ...]


class Snapshot(Protocol):
    """The catalogue as it is at one moment, without what was deleted from it."""

    @property
    def total(self) -> int:
        """How many products there are."""
        ...

    @property
    def categories(self) -> Sequence[Category]: ...

    def products(self, at_once: int) -> AsyncIterator[Sequence[Stocked]]:
        """All of them, the oldest first, so many at a time."""
        ...


class Snapshots(Protocol):
    """Holds the catalogue still for who reads all of it."""

    def take(self) -> AbstractAsyncContextManager[Snapshot]: ...


class ExportReport(msgspec.Struct, kw_only=True):
    """What was written. `variants` counts what can be bought: a product without options is one."""

    products: int = 0
    variants: int = 0
    images: int = 0
    rows: int = 0  # without the headings
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class ExportCatalog:
    """One consistent picture, however long it takes; no more of it in memory than a few hundred products."""

    snapshots: Snapshots
    home: ShopUrl

    async def __call__(self, write: Write, progress: Progress) -> ExportReport:
        report = ExportReport()
        async with self.snapshots.take() as snapshot:
            rows = Rows(Places(snapshot.categories), self.home)
            piece = lines(())
            async for batch in snapshot.products(AT_ONCE):
                for one in batch:
                    piece += lines(self._told(one, rows, report))
                    if len(piece) >= PIECE:
                        await _write(write, piece, report)
                        piece = b""
                progress(report.products, snapshot.total)
            await _write(write, piece, report)
        return report

    def _told(self, one: Stocked, rows: Rows, report: ExportReport) -> list[dict[str, str]]:
        found = rows(one.product, one.stock)
        report.products += 1
        report.variants += len(one.product.skus)
        report.images += len(one.product.images)
        report.rows += len(found)
        return found


async def _write(write: Write, piece: bytes, report: ExportReport) -> None:
    if piece:
        await write(piece)
        report.bytes += len(piece)
