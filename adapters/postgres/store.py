"""The store on PostgreSQL: a transaction with one repository per aggregate."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import msgspec

from adapters.postgres.accounts import PostgresSessions, PostgresUsers
from adapters.postgres.addresses import PostgresAddressBooks
from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.cart import PostgresCarts
from adapters.postgres.catalog import PostgresCategories, PostgresProducts
from adapters.postgres.database import Database
from adapters.postgres.idempotency import hold, leave
from adapters.postgres.inventory import PostgresStock
from adapters.postgres.links import PostgresLinks
from adapters.postgres.ordering import PostgresOrders
from adapters.postgres.payments import PostgresPayments
from adapters.postgres.personal import PostgresPersonalData
from adapters.postgres.promotions import PostgresCoupons
from adapters.postgres.rates import PostgresRateBooks
from adapters.postgres.transfers import PostgresTransfers
from adapters.postgres.unit import Unit
from application.freshness import Announce
from application.idempotency import Answer, claimed
from application.ports import NewId
from application.sealing import Seal

HANDLE = "insert into handled (event_id, handler) values ($1, $2) on conflict do nothing"


class PostgresTransaction:
    """Repositories over one connection."""

    def __init__(self, unit: Unit, seal: Seal) -> None:
        self._unit, self._seal = unit, seal

    @cached_property
    def users(self) -> PostgresUsers:
        return PostgresUsers(self._unit)

    @cached_property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self._unit)

    @cached_property
    def api_keys(self) -> PostgresApiKeys:
        return PostgresApiKeys(self._unit)

    @cached_property
    def links(self) -> PostgresLinks:
        return PostgresLinks(self._unit)

    @cached_property
    def address_books(self) -> PostgresAddressBooks:
        return PostgresAddressBooks(self._unit)

    @cached_property
    def personal_data(self) -> PostgresPersonalData:
        return PostgresPersonalData(self._unit)

    @cached_property
    def products(self) -> PostgresProducts:
        return PostgresProducts(self._unit)

    @cached_property
    def categories(self) -> PostgresCategories:
        return PostgresCategories(self._unit)

    @cached_property
    def stock(self) -> PostgresStock:
        return PostgresStock(self._unit)

    @cached_property
    def carts(self) -> PostgresCarts:
        return PostgresCarts(self._unit)

    @cached_property
    def coupons(self) -> PostgresCoupons:
        return PostgresCoupons(self._unit)

    @cached_property
    def rate_books(self) -> PostgresRateBooks:
        return PostgresRateBooks(self._unit)

    @cached_property
    def orders(self) -> PostgresOrders:
        return PostgresOrders(self._unit)

    @cached_property
    def payments(self) -> PostgresPayments:
        return PostgresPayments(self._unit)

    @cached_property
    def transfers(self) -> PostgresTransfers:
        return PostgresTransfers(self._unit)

    async def handle_once(self, event: UUID, handler: str) -> bool:
        return await self._unit.connection.execute(HANDLE, event, handler) == "INSERT 0 1"

    async def remember(self, view: msgspec.Struct) -> None:
        if (claim := claimed.get()) is not None:
            await leave(self._unit.connection, claim, Answer(msgspec.json.encode(view), claim.once.status), self._seal)


@dataclass(frozen=True, slots=True)
class PostgresStore:
    database: Database
    new_id: NewId
    announce: Announce
    seal: Seal

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresTransaction]:
        unit = None
        try:
            async with self.database.transaction() as connection:
                unit = Unit(connection, self.new_id)
                yield PostgresTransaction(unit, self.seal)
                await unit.flush()
                if (claim := claimed.get()) is not None:
                    await hold(connection, claim)
        finally:  # who is cancelled while it commits does not know whether it did
            if unit is not None:
                self.database.afterwards(lambda: self.announce(unit.changed))
