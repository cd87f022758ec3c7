"""Takes over a product export in Shopify's CSV format: all that is right in it, in one transaction, or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from application.importing.categories import Tree
from application.importing.cells import BadRow
from application.importing.products import Parsed, ParsedProduct, parse
from application.importing.report import ImportReport, Refusal
from application.importing.rows import read
from application.importing.skus import Assigned, Skus, candidates
from application.importing.stocking import Delivery, Receive
from application.importing.takeover import TakeOver
from application.ports import Clock, Currency, NewId, Progress, Sanitise, ShopUrl, Store, Transaction
from application.rates.charging import CurrentRates
from domain.catalog import Product
from domain.categories import CategoryId
from domain.inventory import Sku

AT_ONCE = 500

Place = tuple[tuple[str, ...], tuple[tuple[str, str], ...]]  # how a file tells where a product belongs
Conclude = Callable[[Transaction, ImportReport], Awaitable[None]]


def untold(done: int, total: int) -> None:
    """For callers that want no progress."""


async def unsigned(tx: Transaction, report: ImportReport) -> None:
    """For callers that keep no books."""


@dataclass(frozen=True, slots=True)
class ImportCatalog:
    """Safe to repeat: products are matched by their handle, and an unchanged file changes nothing.

    Stock that the shop already has is never touched, unless `restock` says so: the file may be older than the sales.
    Raises an Invalid error, and changes nothing, for a file that is no product export.
    """

    store: Store
    clock: Clock
    new_id: NewId
    sanitise: Sanitise
    currency: Currency
    home: ShopUrl
    rates: CurrentRates

    async def __call__(
        self,
        text: str,
        progress: Progress = untold,
        *,
        dry_run: bool = False,
        restock: bool = False,
        conclude: Conclude = unsigned,
    ) -> ImportReport:
        """`progress` is told in rows of the file. What `conclude` writes is committed with the catalogue."""
        parsed = await asyncio.to_thread(lambda: parse(read(text), self.currency))
        classes = frozenset(each.code for each in (await self.rates.now()).classes)
        take_over = TakeOver(parsed.columns, self.new_id, self.sanitise, self.home, self.clock(), classes)
        done = parsed.rows - sum(product.rows for product in parsed.products)
        progress(done, parsed.rows)
        async with self.store.transaction() as tx:
            report = ImportReport(rows=parsed.rows, dry_run=dry_run, refused=parsed.refused, notes=parsed.notes)
            work = Work(tx, parsed, take_over, report)
            await work.categories()
            for start in range(0, len(parsed.products), AT_ONCE):
                batch = parsed.products[start : start + AT_ONCE]
                await work.products(batch)
                done += sum(product.rows for product in batch)
                progress(done, parsed.rows)
            await Receive(tx.stock, take_over.at, restock, dry_run)(work.deliveries, work.gone, report)
            report.refused.sort(key=lambda refusal: refusal.row)
            report.notes.sort(key=lambda note: note.row)
            await conclude(tx, report)
        return report


@dataclass(slots=True)
class Work:
    """One run of the import. A dry run does all but save."""

    tx: Transaction
    parsed: Parsed
    take_over: TakeOver
    report: ImportReport
    skus: Skus = field(init=False)
    places: dict[Place, CategoryId | None] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    gone: set[Sku] = field(default_factory=set)  # held by products of the file before, and no longer

    def __post_init__(self) -> None:
        self.skus = Skus.named_in(self.parsed.products)

    async def categories(self) -> None:
        tree = Tree(self.take_over.new_id, self.take_over.at, await self.tx.categories.all())
        self.places = {(one.category, one.shelf): tree.place(one.category, one.shelf) for one in self.parsed.products}
        self.report.categories_created = len(tree.made)
        if tree.made and not self.report.dry_run:
            await self.tx.categories.save(tree.made)

    async def products(self, batch: Sequence[ParsedProduct]) -> None:
        existing = await self.tx.products.find_by_slugs([one.slug for one in batch])
        owners = await self.tx.products.owners(set().union(*(candidates(one, existing.get(one.slug)) for one in batch)))
        changed = []
        for parsed in batch:
            before = existing.get(parsed.slug)
            try:
                _must_be_open(parsed, before)
                skus = self.skus.assign(parsed, before, owners)
            except BadRow as bad:
                self.report.refused.append(Refusal(bad.row, parsed.handle, bad.code, bad.message))
                continue
            held = before.skus if before else ()
            product = self.take_over(parsed, before, skus, self.places[parsed.category, parsed.shelf])
            self.gone.update(Sku(sku) for sku in held if sku not in product.skus)
            self._count(parsed, product, skus, is_new=before is None)
            changed += [product] if product.events else []
        if changed and not self.report.dry_run:
            await self.tx.products.save(changed)

    def _count(self, parsed: ParsedProduct, product: Product, skus: Assigned, *, is_new: bool) -> None:
        report = self.report
        report.products_created += is_new
        report.products_changed += bool(product.events) and not is_new
        report.products_unchanged += not product.events
        report.variants += len(product.skus)
        report.images += len(product.images)
        report.notes += skus.notes
        self.deliveries += self._deliveries(parsed, product, skus)

    def _deliveries(self, parsed: ParsedProduct, product: Product, skus: Assigned) -> list[Delivery]:
        return [
            Delivery(
                sku=Sku(sku),
                row=variant.row,
                handle=parsed.handle,
                quantity=max(0, variant.quantity),
                backorder=variant.backorder if "policy" in self.parsed.columns else None,
                backorder_limit=variant.backorder_limit,
                low_stock_threshold=product.low_stock_threshold,
                follows_threshold=parsed.low_stock_threshold is not None,
            )
            for variant, sku in zip(parsed.variants, skus.variants, strict=True)
            if variant.quantity is not None
        ]


def _must_be_open(parsed: ParsedProduct, existing: Product | None) -> None:
    if existing is not None and existing.archived_at is not None:
        raise BadRow(parsed.row, "product-archived", "the shop has deleted this product; it stays deleted")
