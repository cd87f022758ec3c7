"""Stock on PostgreSQL: rows locked in the order of their SKUs, and the ledger of their movements."""

from collections.abc import Iterable
from dataclasses import replace

import asyncpg

from adapters.postgres.database import statement
from adapters.postgres.unit import Unit
from application.ports import StaleWrite
from domain.inventory import Shelf, Sku, StockItem

FIND = (
    "select sku, on_hand, reserved, backorder_limit, low_stock_threshold, version "
    "from stock where sku = any($1) order by sku"
)
TAKE = f"{FIND} for no key update"
REMOVE = "delete from stock where sku = any($1) and on_hand = 0 and reserved = 0"


class PostgresStock:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def find(self, skus: Iterable[Sku]) -> Shelf:
        return _shelf(await self._unit.connection.fetch(FIND, list(skus)))

    async def take(self, skus: Iterable[Sku]) -> Shelf:
        return _shelf(await self._unit.connection.fetch(TAKE, list(skus)))

    async def save(self, shelf: Shelf) -> None:
        fresh = [item for item in shelf.values() if not item.version]
        known = [item for item in shelf.values() if item.version]
        if fresh:
            await self._insert(fresh)
        if known:
            await self._update(known)

    async def remove(self, shelf: Shelf) -> None:
        await self.save(shelf)
        await self._unit.connection.execute(REMOVE, list(shelf))

    async def _insert(self, items: list[StockItem]) -> None:
        moved = {item.sku: item.drain() for item in items}
        try:
            rows = await self._unit.connection.fetch(statement("stock_insert"), *_columns(items))
        except asyncpg.UniqueViolationError as error:
            raise StaleWrite from error
        by_sku = {item.sku: item for item in items}
        for sku, version in rows:
            earlier = version - by_sku[sku].version
            by_sku[sku].version = version
            self._unit.movements.extend(replace(move, number=move.number + earlier) for move in moved[sku])

    async def _update(self, items: list[StockItem]) -> None:
        before = [item.version for item in items]
        for item in items:
            self._unit.movements.extend(item.drain())
        outcome = await self._unit.connection.execute(statement("stock_update"), *_columns(items), before)
        if outcome != f"UPDATE {len(items)}":
            raise StaleWrite


def _shelf(rows: Iterable[asyncpg.Record]) -> Shelf:
    return Shelf(
        {
            Sku(sku): StockItem(
                sku=Sku(sku),
                on_hand=on_hand,
                reserved=reserved,
                backorder_limit=backorder_limit,
                low_stock_threshold=low_stock_threshold,
                version=version,
            )
            for sku, on_hand, reserved, backorder_limit, low_stock_threshold, version in rows
        }
    )


def _columns(items: Iterable[StockItem]) -> list[list[object]]:
    rows = ((i.sku, i.on_hand, i.reserved, i.backorder_limit, i.low_stock_threshold, i.version) for i in items)
    return [list(column) for column in zip(*rows, strict=True)]
