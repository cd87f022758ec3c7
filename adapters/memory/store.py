"""The store in memory: a transaction with one repository per aggregate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import msgspec

from adapters.memory.accounts import MemorySessions, MemoryUsers
from adapters.memory.addresses import MemoryAddressBooks
from adapters.memory.api_keys import MemoryApiKeys
from adapters.memory.cart import MemoryCarts
from adapters.memory.catalog import MemoryCategories, MemoryProducts
from adapters.memory.idempotency import hold, keep
from adapters.memory.inventory import MemoryStock
from adapters.memory.links import MemoryLinks
from adapters.memory.ordering import MemoryOrders
from adapters.memory.payments import MemoryPayments
from adapters.memory.personal import MemoryPersonalData
from adapters.memory.promotions import MemoryCoupons
from adapters.memory.rates import MemoryRateBooks
from adapters.memory.tables import MemoryDatabase, MemoryUnit
from adapters.memory.transfers import MemoryTransfers
from application.idempotency import Answer, claimed


class MemoryTransaction:
    """Repositories over one working copy of the tables."""

    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    @cached_property
    def users(self) -> MemoryUsers:
        return MemoryUsers(self._unit)

    @cached_property
    def sessions(self) -> MemorySessions:
        return MemorySessions(self._unit)

    @cached_property
    def api_keys(self) -> MemoryApiKeys:
        return MemoryApiKeys(self._unit)

    @cached_property
    def links(self) -> MemoryLinks:
        return MemoryLinks(self._unit)

    @cached_property
    def address_books(self) -> MemoryAddressBooks:
        return MemoryAddressBooks(self._unit)

    @cached_property
    def personal_data(self) -> MemoryPersonalData:
        return MemoryPersonalData(self._unit)

    @cached_property
    def products(self) -> MemoryProducts:
        return MemoryProducts(self._unit)

    @cached_property
    def categories(self) -> MemoryCategories:
        return MemoryCategories(self._unit)

    @cached_property
    def stock(self) -> MemoryStock:
        return MemoryStock(self._unit)

    @cached_property
    def carts(self) -> MemoryCarts:
        return MemoryCarts(self._unit)

    @cached_property
    def coupons(self) -> MemoryCoupons:
        return MemoryCoupons(self._unit)

    @cached_property
    def rate_books(self) -> MemoryRateBooks:
        return MemoryRateBooks(self._unit)

    @cached_property
    def orders(self) -> MemoryOrders:
        return MemoryOrders(self._unit)

    @cached_property
    def payments(self) -> MemoryPayments:
        return MemoryPayments(self._unit)

    @cached_property
    def transfers(self) -> MemoryTransfers:
        return MemoryTransfers(self._unit)

    async def handle_once(self, event: UUID, handler: str) -> bool:
        mark = (event, handler)
        if mark in self._unit.tables.handled:
            return False
        self._unit.tables.handled.add(mark)
        return True

    async def remember(self, view: msgspec.Struct) -> None:
        if (claim := claimed.get()) is not None:
            keep(self._unit.tables, claim.once, Answer(msgspec.json.encode(view), claim.once.status))


@dataclass(frozen=True, slots=True)
class MemoryStore:
    database: MemoryDatabase

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with self.database.transaction() as unit:
            yield MemoryTransaction(unit)
            if (claim := claimed.get()) is not None:
                hold(unit.tables, claim)
