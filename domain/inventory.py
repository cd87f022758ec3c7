"""Inventory: how much of a SKU is there, how much of it is promised, and every movement that made it so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, Self
from uuid import UUID, uuid5

from domain.aggregate import Event
from domain.errors import Conflict, NotFound

Sku = NewType("Sku", str)


class Reason(StrEnum):
    """Why stock moved."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"
    RETURNED = "returned"
    BACKORDERS = "backorders"  # nothing moves: more or fewer may be sold that are not there


@dataclass(frozen=True, slots=True)
class Shortage:
    sku: str
    requested: int
    available: int


@dataclass(unsafe_hash=True)
class InsufficientStock(Conflict):
    """More was asked for than can be bought; one entry per SKU that falls short."""

    items: tuple[Shortage, ...]
    code = "insufficient-stock"

    @property
    def facts(self) -> dict[str, Any]:
        return {"items": [{"sku": s.sku, "requested": s.requested, "available": s.available} for s in self.items]}


@dataclass(unsafe_hash=True)
class BelowReserved(Conflict):
    """Stock cannot be set lower than what orders already hold."""

    sku: str
    reserved: int
    code = "below-reserved"

    @property
    def facts(self) -> dict[str, Any]:
        return {"sku": self.sku, "reserved": self.reserved}


class StockNotFound(NotFound):
    """Nothing is counted under that SKU."""

    code = "stock-not-found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One line of the ledger: by how much on hand and reserved changed, and why. `number` has no gaps per SKU."""

    sku: Sku
    number: int
    on_hand: int
    reserved: int
    reason: Reason
    at: datetime
    order: UUID | None = None
    note: str = ""
    by: UUID | None = None  # who of the staff


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAdjusted(Event):
    """Staff counted, or set what there is."""

    sku: Sku
    on_hand: int
    former: int = field(default=0, compare=False)  # on hand before


@dataclass(frozen=True, slots=True, kw_only=True)
class BackordersAllowed(Event):
    """Staff said how many may be sold that are not there."""

    sku: Sku
    limit: int
    former: int


StockEvent = StockAdjusted | BackordersAllowed


@dataclass(slots=True, eq=False, kw_only=True)
class StockItem:
    """What there is of one SKU, in pieces. Its version counts its movements."""

    sku: Sku
    on_hand: int = 0
    reserved: int = 0
    backorder_limit: int = 0
    low_stock_threshold: int = 0
    version: int = 0
    movements: list[Movement] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)  # with the places of their movements

    @classmethod
    def receive(cls, sku: Sku, quantity: int, at: datetime, *, low_stock_threshold: int = 0) -> Self:
        """The first delivery of a SKU."""
        item = cls(sku=sku, low_stock_threshold=low_stock_threshold)
        item._move(Reason.RECEIVED, at, on_hand=quantity)
        return item

    @property
    def available(self) -> int:
        """What can be bought now."""
        return max(0, self.on_hand + self.backorder_limit - self.reserved)

    def reserve(self, quantity: int, order: UUID, at: datetime) -> None:
        if quantity > self.available:
            raise InsufficientStock((Shortage(self.sku, quantity, self.available),))
        self._move(Reason.RESERVED, at, reserved=quantity, order=order)

    def release(self, quantity: int, order: UUID, at: datetime) -> None:
        self._move(Reason.RELEASED, at, reserved=-quantity, order=order)

    def sell(self, quantity: int, order: UUID, at: datetime) -> None:
        """A reservation was paid: the pieces leave."""
        self._move(Reason.SOLD, at, on_hand=-quantity, reserved=-quantity, order=order)

    def take_back(self, quantity: int, order: UUID, at: datetime) -> None:
        """Pieces that had been sold return to the shelf."""
        self._move(Reason.RETURNED, at, on_hand=quantity, order=order)

    @property
    def is_low(self) -> bool:
        return self.available <= self.low_stock_threshold

    def set_available(self, quantity: int, at: datetime, note: str = "") -> None:
        """Make on hand so that `quantity` can be bought beside what orders hold."""
        self._adjust(quantity + self.reserved - self.on_hand, at, note)

    def adjust(self, delta: int, at: datetime, note: str, by: UUID | None = None) -> None:
        """So many more, or fewer. Raises BelowReserved. On hand is below nothing by what was paid and is still owed."""
        if self.on_hand + delta < max(min(0, self.on_hand), self.reserved - self.backorder_limit):
            raise BelowReserved(self.sku, self.reserved)
        self._adjust(delta, at, note, by)

    def allow_backorders(self, limit: int, at: datetime, by: UUID | None = None) -> None:
        """So many may be sold that are not there yet. Raises BelowReserved where more are already."""
        if self.reserved > self.on_hand + limit:
            raise BelowReserved(self.sku, self.reserved)
        if limit != self.backorder_limit:
            former, self.backorder_limit = self.backorder_limit, limit
            self._move(Reason.BACKORDERS, at, note=f"{former} to {limit}", by=by)
            self.events.append(
                (len(self.movements), BackordersAllowed(sku=self.sku, limit=limit, former=former, at=at))
            )

    def _adjust(self, delta: int, at: datetime, note: str, by: UUID | None = None) -> None:
        if delta:
            former = self.on_hand
            self._move(Reason.ADJUSTED, at, on_hand=delta, note=note, by=by)
            adjusted = StockAdjusted(sku=self.sku, on_hand=self.on_hand, former=former, at=at)
            self.events.append((len(self.movements), adjusted))

    def withdraw(self, at: datetime, note: str) -> int:
        """Take all that no order holds off the shelf, for good. Says how much that was."""
        leaving = max(0, self.on_hand - self.reserved)
        self._move(Reason.ADJUSTED, at, on_hand=-leaving, note=note)
        return leaving

    def drain_events(self) -> list[tuple[int, Event]]:
        """Hand over the recorded events, each with how far its movement is from the last one. To be called first."""
        drained, self.events = self.events, []
        return [(place - len(self.movements), event) for place, event in drained]

    def drain(self) -> list[Movement]:
        """Hand over the new movements and move the version on by their number. Called by who stores the item."""
        drained, self.movements = self.movements, []
        self.version += len(drained)
        return drained

    def _move(
        self,
        reason: Reason,
        at: datetime,
        *,
        on_hand: int = 0,
        reserved: int = 0,
        order: UUID | None = None,
        note: str = "",
        by: UUID | None = None,
    ) -> None:
        if not on_hand and not reserved and reason not in {Reason.RECEIVED, Reason.BACKORDERS}:
            return
        self.on_hand += on_hand
        self.reserved += reserved
        number = self.version + len(self.movements) + 1
        move = Movement(
            sku=self.sku,
            number=number,
            on_hand=on_hand,
            reserved=reserved,
            reason=reason,
            at=at,
            order=order,
            note=note,
            by=by,
        )
        self.movements.append(move)


Demand = Mapping[Sku, int]
STOCK = UUID("5c1f9a52-6a0e-5d8f-9a55-0f3d3f3f5a10")


def stock_id(sku: Sku) -> UUID:
    """What the events of a SKU's stock are filed under (RFC 9562, version 5)."""
    return uuid5(STOCK, sku)


class Shelf(dict[Sku, StockItem]):
    """The stock items that one decision is about. A SKU that is not on it is not tracked and never short."""

    def reserve(self, demand: Demand, order: UUID, at: datetime) -> None:
        """Reserve all or nothing. Raises InsufficientStock naming every SKU that falls short."""
        if short := shortages(demand, {sku: item.available for sku, item in self.items()}):
            raise InsufficientStock(short)
        for sku, quantity in self._tracked(demand):
            self[sku].reserve(quantity, order, at)

    def release(self, demand: Demand, order: UUID, at: datetime) -> None:
        for sku, quantity in self._tracked(demand):
            self[sku].release(quantity, order, at)

    def sell(self, demand: Demand, order: UUID, at: datetime) -> None:
        for sku, quantity in self._tracked(demand):
            self[sku].sell(quantity, order, at)

    def take_back(self, demand: Demand, order: UUID, at: datetime) -> None:
        for sku, quantity in self._tracked(demand):
            self[sku].take_back(quantity, order, at)

    def _tracked(self, demand: Demand) -> Iterable[tuple[Sku, int]]:
        return ((sku, quantity) for sku, quantity in demand.items() if sku in self)


def shortages(demand: Demand, available: Mapping[Sku, int]) -> tuple[Shortage, ...]:
    """Every SKU of which more is wanted than there is; a SKU without an entry is not tracked."""
    return tuple(
        Shortage(sku, wanted, available[sku])
        for sku, wanted in sorted(demand.items())
        if sku in available and wanted > available[sku]
    )


class Stock(Protocol):
    """Repository of stock items."""

    async def find(self, skus: Iterable[Sku]) -> Shelf: ...

    async def take(self, skus: Iterable[Sku]) -> Shelf:
        """Locked, in the order of the SKUs."""
        ...

    async def save(self, shelf: Shelf) -> None: ...

    async def mark_low(self, skus: Iterable[Sku], event: UUID, at: datetime) -> set[Sku]:
        """Remember that they run low since this event. Answers with those of which no other event did so before."""
        ...

    async def unmark_low(self, skus: Iterable[Sku]) -> None: ...

    async def remove(self, shelf: Shelf) -> None:
        """Stock those no longer of which nothing is left.

        Their movements stay, and a later item of the SKU goes on counting from them.
        """
        ...
