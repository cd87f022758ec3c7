"""Inventory: what staff see of stock, how they correct it, and who hears when something runs low."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Protocol
from uuid import UUID

import msgspec

from application.accounts.users import UserViews
from application.notifications import Letterhead
from application.ports import Clock, Mail, Mailer, Page, PageRequest, Store, Wake
from domain.accounts import Actor, Permission, Role, must
from domain.errors import DomainError, Invalid
from domain.inventory import Movement, Shelf, Sku, StockEvent, StockItem, StockNotFound
from domain.ordering import OrderPlaced


class StockView(msgspec.Struct, frozen=True):
    """In pieces. `version` counts the movements."""

    sku: str
    on_hand: int
    reserved: int
    available: int
    low_stock_threshold: int
    backorder_limit: int
    version: int


class MovementView(msgspec.Struct, frozen=True):
    """By how much on hand and reserved changed, who did it and why."""

    number: int
    on_hand: int
    reserved: int
    reason: str
    note: str
    order: UUID | None
    by: UUID | None
    at: datetime


class StockViews(Protocol):
    """Reads stock for looking at."""

    async def get(self, sku: Sku) -> StockView:
        """Raises StockNotFound."""
        ...

    async def list(self, page: PageRequest, *, low: bool | None) -> Page[StockView]:
        """By SKU; with `low`, only what is at its threshold or below, or only what is above."""
        ...

    async def movements(self, sku: Sku, page: PageRequest) -> Page[MovementView]:
        """The latest first, also of what is stocked no longer. Raises StockNotFound for what never was."""
        ...


def stock_view(item: StockItem) -> StockView:
    return StockView(
        item.sku,
        item.on_hand,
        item.reserved,
        item.available,
        item.low_stock_threshold,
        item.backorder_limit,
        item.version,
    )


def movement_view(move: Movement) -> MovementView:
    return MovementView(move.number, move.on_hand, move.reserved, move.reason, move.note, move.order, move.by, move.at)


class EitherDeltaOrOnHand(Invalid):
    """A correction names a difference, or what was counted; not both and not neither."""

    code = "delta-or-on-hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Of one SKU: by so many pieces, or to so many that were counted."""

    sku: Sku
    delta: int | None = None
    on_hand: int | None = None
    reason: str

    def difference(self, item: StockItem) -> int:
        if self.delta is not None and self.on_hand is None:
            return self.delta
        if self.on_hand is not None and self.delta is None:
            return self.on_hand - item.on_hand
        raise EitherDeltaOrOnHand


class Corrected(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one correction among several."""

    sku: str
    ok: bool
    code: str | None = None


@dataclass(frozen=True, slots=True)
class AdjustStock:
    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, correction: Correction) -> StockView:
        """Raises StockNotFound, BelowReserved, EitherDeltaOrOnHand."""
        must(who, Permission.WRITE_STOCK)
        async with self.store.transaction() as tx:
            shelf = await tx.stock.take([correction.sku])
            item = _on(shelf, correction.sku)
            item.adjust(correction.difference(item), self.clock(), correction.reason, who.user)
            await tx.stock.save(shelf)
        self.wake()
        return stock_view(item)


@dataclass(frozen=True, slots=True)
class AdjustManyStocks:
    """Each for itself: what cannot be done does not keep the others from being done."""

    adjust: AdjustStock

    async def __call__(self, who: Actor, corrections: Sequence[Correction]) -> list[Corrected]:
        must(who, Permission.WRITE_STOCK)
        in_order = sorted(range(len(corrections)), key=lambda n: corrections[n].sku)  # as everybody locks stock
        done = {n: await self._one(who, corrections[n]) for n in in_order}
        return [done[n] for n in range(len(corrections))]

    async def _one(self, who: Actor, correction: Correction) -> Corrected:
        try:
            await self.adjust(who, correction)
        except DomainError as refusal:
            return Corrected(correction.sku, ok=False, code=refusal.code)
        return Corrected(correction.sku, ok=True)


@dataclass(frozen=True, slots=True)
class AllowBackorders:
    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, sku: Sku, limit: int) -> StockView:
        """Raises StockNotFound, BelowReserved where more are sold already."""
        must(who, Permission.WRITE_STOCK)
        async with self.store.transaction() as tx:
            shelf = await tx.stock.take([sku])
            _on(shelf, sku).allow_backorders(limit, self.clock(), who.user)
            await tx.stock.save(shelf)
        self.wake()
        return stock_view(shelf[sku])


@dataclass(frozen=True, slots=True)
class WatchStock:
    """Event handler: tells the catalogue's managers when a SKU falls to its threshold, once each time that it does."""

    store: Store
    users: UserViews
    mailer: Mailer
    letterhead: Letterhead

    async def __call__(self, id: UUID, event: OrderPlaced | StockEvent) -> None:
        if fallen := await self._fallen(id, event):
            for address in await self._managers():
                await self.mailer.send(warning(fallen, address, self._message_id(id, address)))

    async def _fallen(self, id: UUID, event: OrderPlaced | StockEvent) -> list[StockItem]:
        """What runs low because of this event, or was so when it was handled before."""
        async with self.store.transaction() as tx:
            if isinstance(event, OrderPlaced):
                shelf = await tx.stock.find((await tx.orders.get(event.order)).demand)
            else:
                shelf = await tx.stock.find([event.sku])
            await tx.stock.unmark_low([sku for sku, item in shelf.items() if not item.is_low])
            fresh = await tx.stock.mark_low([sku for sku, item in shelf.items() if item.is_low], id, event.at)
        return [shelf[sku] for sku in sorted(fresh)]

    async def _managers(self) -> list[str]:
        managers = await self.users.emails(Role.CATALOG_MANAGER)
        return sorted({*managers, *await self.users.emails(Role.ADMIN)})

    def _message_id(self, event: UUID, to: str) -> str:
        return self.letterhead.message_id(event, f"WatchStock.{to.partition('@')[0]}")


def warning(items: Sequence[StockItem], to: str, message_id: str) -> Mail:
    """What a manager is told."""
    lines = [f"{item.sku}: {item.available} left, threshold {item.low_stock_threshold}" for item in items]
    text = "\n".join(["Running low:", "", *lines])
    subject = f"Low stock: {', '.join(item.sku for item in items)[:100]}"
    return Mail(message_id=message_id, to=to, subject=subject, text=text, html=f"<pre>{escape(text)}</pre>")


def _on(shelf: Shelf, sku: Sku) -> StockItem:
    if sku not in shelf:
        raise StockNotFound
    return shelf[sku]
