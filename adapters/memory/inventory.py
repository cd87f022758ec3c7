"""Stock in memory, and the ledger of its movements."""

from collections.abc import Iterable
from copy import copy
from dataclasses import replace

from adapters.memory.tables import MemoryUnit
from application.ports import StaleWrite
from domain.inventory import Shelf, Sku, StockItem


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
            if (held[item.sku].version if item.sku in held else 0) != item.version:
                raise StaleWrite
            earlier = ended.get(item.sku, 0)
            moved = item.drain()
            item.version += earlier
            self._unit.tables.movements.extend(replace(move, number=move.number + earlier) for move in moved)
            held[item.sku] = _copy(item)

    async def remove(self, shelf: Shelf) -> None:
        await self.save(shelf)
        for sku, item in shelf.items():
            if not item.on_hand and not item.reserved:
                del self._unit.tables.stock[sku]

    def _ledger_ends(self, skus: set[Sku]) -> dict[Sku, int]:
        """Where the ledgers end of SKUs that were stocked before."""
        return {move.sku: move.number for move in self._unit.tables.movements if move.sku in skus} if skus else {}


def _copy(item: StockItem) -> StockItem:
    twin = copy(item)
    twin.movements = []
    return twin
