"""Stock in memory, and the ledger of its movements."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adapters.memory.tables import MemoryDatabase, MemoryUnit
from application.inventory import MovementView, StockView, movement_view, stock_view
from application.paging import Cursors, paged
from application.ports import Page, PageRequest, StaleWrite
from domain.inventory import Shelf, Sku, StockItem, StockNotFound, stock_id


class MemoryStock:
    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    async def find(self, skus: Iterable[Sku]) -> Shelf:
        held = self._unit.tables.stock
        return Shelf({sku: _copy(held[sku]) for sku in sorted(set(skus)) if sku in held})

    async def take(self, skus: Iterable[Sku]) -> Shelf:
        """Transactions take turns here, so what is read is as good as locked."""
        return await self.find(skus)

    async def save(self, shelf: Shelf) -> None:
        held = self._unit.tables.stock
        ended = self._ledger_ends({sku for sku in shelf if sku not in held})
        for item in shelf.values():
            told = item.drain_events()
            if (held[item.sku].version if item.sku in held else 0) != item.version:
                raise StaleWrite
            earlier = ended.get(item.sku, 0)
            moved = item.drain()
            item.version += earlier
            self._unit.tables.movements.extend(replace(move, number=move.number + earlier) for move in moved)
            for place, event in told:
                self._unit.tell(event, "stock", stock_id(item.sku), item.version + place)
            held[item.sku] = _copy(item)

    async def mark_low(self, skus: Iterable[Sku], event: UUID, at: datetime) -> set[Sku]:
        return {sku for sku in skus if self._unit.tables.low_stock.setdefault(sku, event) == event}

    async def unmark_low(self, skus: Iterable[Sku]) -> None:
        for sku in skus:
            self._unit.tables.low_stock.pop(sku, None)

    async def remove(self, shelf: Shelf) -> None:
        await self.save(shelf)
        for sku, item in shelf.items():
            if not item.on_hand and not item.reserved:
                del self._unit.tables.stock[sku]

    def _ledger_ends(self, skus: set[Sku]) -> dict[Sku, int]:
        """Where the ledgers end of SKUs that were stocked before."""
        return {move.sku: move.number for move in self._unit.tables.movements if move.sku in skus} if skus else {}


@dataclass(frozen=True, slots=True)
class MemoryStockViews:
    database: MemoryDatabase
    cursors: Cursors

    async def get(self, sku: Sku) -> StockView:
        if sku not in self.database.tables.stock:
            raise StockNotFound
        return stock_view(self.database.tables.stock[sku])

    async def list(self, page: PageRequest, *, low: bool | None) -> Page[StockView]:
        order = f"stock {low}"
        position = self.cursors.open(page.cursor, order) if page.cursor is not None else None
        held = self.database.tables.stock.values()
        rows = sorted((stock_view(i) for i in held if low is None or i.is_low == low), key=lambda item: item.sku)
        if position and position.way == "previous":
            rows = [item for item in reversed(rows) if item.sku < position.values[0]]
        elif position:
            rows = [item for item in rows if item.sku > position.values[0]]
        return paged(rows[: page.size + 1], page.size, position, lambda item: (item.sku,), self.cursors, order)

    async def movements(self, sku: Sku, page: PageRequest) -> Page[MovementView]:
        order = f"movements of {sku}"
        position = self.cursors.open(page.cursor, order) if page.cursor is not None else None
        rows = [movement_view(move) for move in self.database.tables.movements if move.sku == sku]
        if not rows:
            raise StockNotFound
        rows.sort(key=lambda move: move.number, reverse=not (position and position.way == "previous"))
        if position and position.way == "previous":
            rows = [move for move in rows if move.number > position.values[0]]
        elif position:
            rows = [move for move in rows if move.number < position.values[0]]
        return paged(rows[: page.size + 1], page.size, position, lambda move: (move.number,), self.cursors, order)


def _copy(item: StockItem) -> StockItem:
    twin = copy(item)
    twin.movements, twin.events = [], []
    return twin
