"""What a shop in memory holds, and the unit of work over it: copies out, versions checked, all or nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from application.acting import acting
from application.audit_log.entries import Entry
from application.audit_log.rules import is_audited
from application.freshness import Announce, Changed
from application.idempotency import Remembered
from application.ports import NewId, StaleWrite, StoredEvent
from domain.accounts import Owner, User, UserId
from domain.addresses import AddressBook
from domain.aggregate import Aggregate, Event
from domain.api_keys import ApiKey, ApiKeyId
from domain.cart import Cart
from domain.catalog import Product, ProductId
from domain.categories import Category, CategoryId
from domain.inventory import Movement, Sku, StockItem
from domain.links import Link
from domain.ordering import Order, OrderId
from domain.payments import Payment, PaymentId
from domain.promotions import Coupon, CouponId, CouponUse
from domain.rates import RateBook, RateBookId
from domain.sessions import RefreshToken, Session
from domain.transfers import Transfer, TransferId

T = TypeVar("T")
A = TypeVar("A", bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Owed:
    """One event for one handler, until it is done or given up."""

    due_at: datetime
    attempts: int = 0
    done_at: datetime | None = None
    dead_at: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Mailed:
    """A link that was mailed, and until when it works."""

    link: Link
    expires_at: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who may answer an idempotency key, and until when; None when it is answered."""

    fence: int
    since: datetime
    until: datetime | None


@dataclass
class Tables:
    """Every aggregate by its id, and the append-only logs."""

    users: dict[UserId, User] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    refresh_tokens: dict[bytes, RefreshToken] = field(default_factory=dict)
    api_keys: dict[ApiKeyId, ApiKey] = field(default_factory=dict)
    links: dict[bytes, Mailed] = field(default_factory=dict)
    address_books: dict[UserId, AddressBook] = field(default_factory=dict)
    categories: dict[CategoryId, Category] = field(default_factory=dict)
    products: dict[ProductId, Product] = field(default_factory=dict)
    popularity: dict[ProductId, int] = field(default_factory=dict)
    stock: dict[Sku, StockItem] = field(default_factory=dict)
    movements: list[Movement] = field(default_factory=list)
    low_stock: dict[Sku, UUID] = field(default_factory=dict)
    carts: dict[Owner, Cart] = field(default_factory=dict)
    coupons: dict[CouponId, Coupon] = field(default_factory=dict)
    coupon_uses: dict[OrderId, CouponUse] = field(default_factory=dict)
    rate_books: dict[RateBookId, RateBook] = field(default_factory=dict)
    orders: dict[OrderId, Order] = field(default_factory=dict)
    payments: dict[PaymentId, Payment] = field(default_factory=dict)
    answers: dict[tuple[str, str], Remembered] = field(default_factory=dict)
    claims: dict[tuple[str, str], Claimed] = field(default_factory=dict)
    outbox: list[StoredEvent] = field(default_factory=list)
    positions: dict[UUID, int] = field(default_factory=dict)
    deliveries: dict[tuple[UUID, str], Owed] = field(default_factory=dict)
    handled: set[tuple[UUID, str]] = field(default_factory=set)
    audit_log: list[Entry] = field(default_factory=list)
    transfers: dict[TransferId, Transfer] = field(default_factory=dict)
    chunks: dict[tuple[TransferId, int, int], bytes] = field(default_factory=dict)


class Draft(Tables):
    """The tables as one transaction sees and changes them: each is copied when it is first asked for."""

    __slots__ = ("_before",)

    def __init__(self, before: Tables) -> None:
        self._before = before

    def __getattr__(self, name: str) -> Any:
        table = copy(getattr(self._before, name))
        setattr(self, name, table)
        return table

    def finished(self) -> Tables:
        """What was asked for as it is now, and all else as it was."""
        return Tables(**{**vars(self._before), **vars(self)})


def twin(thing: T) -> T:
    """A copy to be changed (of None it is None) of an aggregate that holds frozen values, alone or in own lists."""
    made = copy(thing)
    for name in getattr(thing, "__dataclass_fields__", ()):
        if isinstance(value := getattr(made, name), list):
            setattr(made, name, list(value))
    return made


@dataclass(slots=True)
class MemoryUnit:
    """The tables as one transaction sees them: what it writes is its own until it commits."""

    tables: Tables
    new_id: NewId

    def publish(self, aggregate: Aggregate, id: UUID) -> None:
        """Number the recorded events and put them into the outbox. Moves the aggregate's version on."""
        number = aggregate.version
        name = type(aggregate).__name__.lower()
        for seq, event in enumerate(aggregate.drain(), number + 1):
            self.tell(event, name, id, seq)

    def tell(self, event: Event, aggregate: str, id: UUID, seq: int) -> None:
        """Publish an event of what counts by itself."""
        data = msgspec.json.decode(msgspec.json.encode(event))
        told = (self.new_id(), type(event).__name__, aggregate, id, seq, event.at, data)
        by = acting.get()
        self.tables.outbox.append(StoredEvent(*told, by.actor, by.request, is_audited(event, by)))

    def guard(self, stored: A | None, changed: A) -> None:
        """Raises StaleWrite where somebody else changed it since it was loaded."""
        if (stored.version if stored else 0) != changed.version:
            raise StaleWrite


framed: ContextVar[Tables | None] = ContextVar("framed", default=None)


class MemoryDatabase:
    """The committed tables. Transactions take turns; one that fails leaves no trace."""

    def __init__(self, new_id: NewId, announce: Announce) -> None:
        self._tables = Tables()
        self._new_id = new_id
        self._announce = announce
        self._turn = asyncio.Lock()

    @property
    def tables(self) -> Tables:
        """As they are; within a frame, as they are there."""
        return framed.get() or self._tables

    @tables.setter
    def tables(self, tables: Tables) -> None:
        self._tables = tables

    @asynccontextmanager
    async def frame(self) -> AsyncIterator[MemoryUnit]:
        """A transaction that all transactions within are part of."""
        async with self.transaction() as unit:
            token = framed.set(unit.tables)
            try:
                yield unit
            finally:
                framed.reset(token)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryUnit]:
        if (frame := framed.get()) is not None:
            part = Draft(frame)
            yield MemoryUnit(part, self._new_id)
            vars(frame).update(vars(part))
            return
        async with self._turn:
            draft = Draft(self.tables)
            yield MemoryUnit(draft, self._new_id)
            before, self.tables = self.tables, draft.finished()
            self._announce(_changed(before, self.tables))


def _changed(before: Tables, after: Tables) -> Changed:
    """What readers may see otherwise now."""
    events = after.outbox[len(before.outbox) :]
    return Changed(
        products=frozenset(event.aggregate_id for event in events if event.aggregate == "product"),
        skus=frozenset(move.sku for move in after.movements[len(before.movements) :]),
        categories=any(event.aggregate == "category" for event in events),
    )
