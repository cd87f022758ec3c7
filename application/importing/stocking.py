"""What an import does to the stock: new SKUs get their first delivery, the others keep what the shop has of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from application.importing.report import ImportReport, Note
from domain.inventory import Shelf, Sku, Stock, StockItem

BACKORDERS = 100  # pieces of a SKU that may be sold beyond what is there, where Shopify says "continue"
AT_ONCE = 1_000
NOTE = "catalogue import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the file says there is of one SKU. `backorder` is None where it does not say."""

    sku: Sku
    row: int
    handle: str
    quantity: int
    backorder: bool | None
    backorder_limit: int | None
    low_stock_threshold: int
    follows_threshold: bool  # the file says it, so that stock that is there already takes it too

    def limit(self, item: StockItem) -> int:
        """How many may be sold beyond what is there; never fewer than are already promised."""
        if self.backorder is None:
            return item.backorder_limit
        promised = max(0, item.reserved - item.on_hand)
        return max(promised, self.backorder_limit or item.backorder_limit or BACKORDERS) if self.backorder else promised


@dataclass(frozen=True, slots=True)
class Receive:
    """A SKU that is stocked already keeps its quantity, unless `restock` says to follow the file."""

    stock: Stock
    at: datetime
    restock: bool
    dry_run: bool

    async def __call__(self, deliveries: Sequence[Delivery], gone: Collection[Sku], report: ImportReport) -> None:
        """`gone` are SKUs that the file's products no longer have. All is locked at once, in the order of locks."""
        known = await self._known([delivery.sku for delivery in deliveries])
        fresh = [delivery for delivery in deliveries if delivery.sku not in known]
        differing = {one.sku: one for one in deliveries if one.sku in known and self._differs(one, known[one.sku])}
        report.stock_received += len(fresh)
        if not self.restock:
            report.notes += [_kept(one, known[one.sku]) for one in deliveries if _is_kept(one, known.get(one.sku))]
        if self.dry_run:
            return
        gone = set(gone) - {delivery.sku for delivery in deliveries}
        taken = await self.stock.take(differing.keys() | gone)
        changed = Shelf({sku: self._changed(taken[sku], one) for sku, one in differing.items() if sku in taken})
        await self._save(changed | {one.sku: self._first(one) for one in fresh})
        left = Shelf({sku: item for sku, item in taken.items() if sku in gone})
        for item in left.values():
            item.withdraw(self.at, NOTE)
        await self.stock.remove(left)

    async def _known(self, skus: Sequence[Sku]) -> Shelf:
        found = Shelf()
        for start in range(0, len(skus), AT_ONCE):
            found.update(await self.stock.find(skus[start : start + AT_ONCE]))
        return found

    async def _save(self, items: Mapping[Sku, StockItem]) -> None:
        listed = sorted(items.items(), key=itemgetter(0))
        for start in range(0, len(listed), AT_ONCE):
            await self.stock.save(Shelf(listed[start : start + AT_ONCE]))

    def _differs(self, delivery: Delivery, item: StockItem) -> bool:
        lower = delivery.follows_threshold and item.low_stock_threshold != delivery.low_stock_threshold
        counted = self.restock and _free(item) != delivery.quantity
        return lower or counted or delivery.limit(item) != item.backorder_limit

    def _changed(self, item: StockItem, delivery: Delivery) -> StockItem:
        if self.restock:
            item.set_available(delivery.quantity, self.at, NOTE)
        item.backorder_limit = delivery.limit(item)
        if delivery.follows_threshold:
            item.low_stock_threshold = delivery.low_stock_threshold
        return item

    def _first(self, delivery: Delivery) -> StockItem:
        threshold = delivery.low_stock_threshold
        item = StockItem.receive(delivery.sku, delivery.quantity, self.at, low_stock_threshold=threshold)
        item.backorder_limit = (delivery.backorder_limit or BACKORDERS) if delivery.backorder else 0
        return item


def _free(item: StockItem) -> int:
    """On hand and not promised; below zero where orders wait for a delivery."""
    return item.on_hand - item.reserved


def _is_kept(delivery: Delivery, item: StockItem | None) -> bool:
    return item is not None and _free(item) != delivery.quantity


def _kept(delivery: Delivery, item: StockItem) -> Note:
    told = f"{delivery.sku}: the file says {delivery.quantity}, the shop has {_free(item)} and keeps them"
    return Note(delivery.row, delivery.handle, "stock-kept", told)
