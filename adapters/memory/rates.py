"""The rate book in memory."""

from dataclasses import dataclass

from adapters.memory.tables import MemoryDatabase, MemoryUnit, Tables, twin
from domain.rates import BOOK, RateBook, Rates


def book_of(tables: Tables) -> RateBook:
    return tables.rate_books.get(BOOK) or RateBook()


@dataclass(frozen=True, slots=True)
class MemoryRateBooks:
    unit: MemoryUnit

    async def take(self) -> RateBook:
        return twin(book_of(self.unit.tables))

    async def save(self, book: RateBook) -> None:
        self.unit.guard(book_of(self.unit.tables), book)
        self.unit.publish(book, book.id)
        self.unit.tables.rate_books[BOOK] = twin(book)


@dataclass(frozen=True, slots=True)
class MemoryCurrentRates:
    database: MemoryDatabase

    async def at(self, version: int) -> Rates:
        return await self.now()

    async def now(self) -> Rates:
        return book_of(self.database.tables).rates
