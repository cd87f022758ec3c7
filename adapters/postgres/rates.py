"""The rate book on PostgreSQL: one row, kept in the process, and read again when its version is another."""

from typing import Final

import msgspec

from adapters.postgres.database import Database, only
from adapters.postgres.unit import Unit, guarded
from domain.rates import NO_RATES, RateBook, Rates

READ = "select rates, version from rate_book"
LOCKED = f"{READ} for no key update"
SAVE = "update rate_book set rates = $1, version = $2 where version = $3"
RATES: Final = msgspec.json.Decoder(Rates)


class PostgresRateBooks:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def take(self) -> RateBook:
        row = await only(self._unit.connection, LOCKED)
        return RateBook(rates=RATES.decode(row["rates"]), version=row["version"])

    async def save(self, book: RateBook) -> None:
        before = book.version
        self._unit.publish(book, book.id)
        rates = msgspec.json.encode(book.rates).decode()
        guarded(await self._unit.connection.execute(SAVE, rates, book.version, before))


class PostgresCurrentRates:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._version, self._rates = 0, NO_RATES  # as every shop begins

    async def at(self, version: int) -> Rates:
        return self._rates if version == self._version else await self.now()

    async def now(self) -> Rates:
        async with self._database.connection() as connection:
            row = await only(connection, READ)
        if row["version"] != self._version:
            self._version, self._rates = row["version"], RATES.decode(row["rates"])
        return self._rates
