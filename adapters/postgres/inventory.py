"""Stock on PostgreSQL: rows locked in the order of their SKUs, and the ledger of their movements."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from adapters.postgres.database import Database, statement
from adapters.postgres.unit import Unit
from application.inventory import MovementView, StockView
from application.paging import Cursors, paged
from application.ports import Page, PageRequest, StaleWrite
from domain.inventory import Shelf, Sku, StockItem, StockNotFound, stock_id

FIND = (
    "select sku, on_hand, reserved, backorder_limit, low_stock_threshold, version "
    "from stock where sku = any($1) order by sku"
)
TAKE = f"{FIND} for no key update"
MARK = """
insert into low_stock (sku, event_id, since) select unnest($1::text[]), $2, $3
on conflict (sku) do update set since = low_stock.since where low_stock.event_id = $2
returning sku
"""
UNMARK = "delete from low_stock where sku = any($1)"
VIEW = """
select sku, on_hand, reserved, greatest(0, on_hand + backorder_limit - reserved) as available, low_stock_threshold,
  backorder_limit, version
from stock
"""
ONE = f"{VIEW} where sku = $1"
IS_LOW = "greatest(0, on_hand + backorder_limit - reserved) <= low_stock_threshold"
LIST = f"""{VIEW}
where ($1::boolean is null or ({IS_LOW}) = $1) and ($2::text is null or sku {{beyond}} $2)
order by sku {{way}} limit $3"""
FORWARDS, BACKWARDS = LIST.format(beyond=">", way="asc"), LIST.format(beyond="<", way="desc")
MOVES = """
select number, on_hand, reserved, reason, note, order_id, actor_id, at from movement
where sku = $1 and ($2::bigint is null or number {beyond} $2) order by number {way} limit $3
"""
OLDER, NEWER = MOVES.format(beyond="<", way="desc"), MOVES.format(beyond=">", way="asc")
REMOVE = "delete from stock where sku = any($1) and on_hand = 0 and reserved = 0"


class PostgresStock:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def find(self, skus: Iterable[Sku]) -> Shelf:
        return _shelf(await self._unit.connection.fetch(FIND, list(skus)))

    async def take(self, skus: Iterable[Sku]) -> Shelf:
        return _shelf(await self._unit.connection.fetch(TAKE, list(skus)))

    async def save(self, shelf: Shelf) -> None:
        told = {sku: item.drain_events() for sku, item in shelf.items()}
        fresh = [item for item in shelf.values() if not item.version]
        known = [item for item in shelf.values() if item.version]
        if fresh:
            await self._insert(fresh)
        if known:
            await self._update(known)
        for sku, events in told.items():
            for place, event in events:
                self._unit.tell(event, "stock", stock_id(sku), shelf[sku].version + place)

    async def mark_low(self, skus: Iterable[Sku], event: UUID, at: datetime) -> set[Sku]:
        return {row["sku"] for row in await self._unit.connection.fetch(MARK, sorted(skus), event, at)}

    async def unmark_low(self, skus: Iterable[Sku]) -> None:
        await self._unit.connection.execute(UNMARK, list(skus))

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


@dataclass(frozen=True, slots=True)
class PostgresStockViews:
    database: Database
    cursors: Cursors

    async def get(self, sku: Sku) -> StockView:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(ONE, sku)
        if row is None:
            raise StockNotFound
        return StockView(*row)

    async def list(self, page: PageRequest, *, low: bool | None) -> Page[StockView]:
        order = f"stock {low}"
        position = self.cursors.open(page.cursor, order) if page.cursor is not None else None
        query = BACKWARDS if position and position.way == "previous" else FORWARDS
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, low, position.values[0] if position else None, page.size + 1)
        found = [StockView(*row) for row in rows]
        return paged(found, page.size, position, lambda item: (item.sku,), self.cursors, order)

    async def movements(self, sku: Sku, page: PageRequest) -> Page[MovementView]:
        order = f"movements of {sku}"
        position = self.cursors.open(page.cursor, order) if page.cursor is not None else None
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, sku, position.values[0] if position else None, page.size + 1)
        if not rows and position is None:
            raise StockNotFound
        found = [MovementView(*row) for row in rows]
        return paged(found, page.size, position, lambda move: (move.number,), self.cursors, order)


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
