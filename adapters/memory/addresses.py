"""Address books in memory."""

from dataclasses import dataclass, replace

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit
from application.accounts.addresses import SavedAddress, saved_address
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.accounts import UserId, UserNotFound
from domain.addresses import AddressBook, AddressId

ORDER = "addresses"


@dataclass(frozen=True, slots=True)
class MemoryAddressBooks:
    unit: MemoryUnit

    async def take_of(self, user: UserId) -> AddressBook:
        if user not in self.unit.tables.users:
            raise UserNotFound
        return replace(self.unit.tables.address_books.get(user, AddressBook(user=user)))

    async def save(self, book: AddressBook) -> None:
        self.unit.tables.address_books[book.user] = replace(book)


@dataclass(frozen=True, slots=True)
class MemoryAddressViews:
    """Address books as their owners look at them."""

    database: MemoryDatabase
    cursors: Cursors

    async def get(self, user: UserId, id: AddressId) -> SavedAddress:
        return saved_address(self._book(user).entry(id))

    async def list(self, user: UserId, page: PageRequest) -> Page[SavedAddress]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        rows = newest_first([saved_address(entry) for entry in self._book(user).entries], position)
        return paged(rows[: page.size + 1], page.size, position, made_at, self.cursors, ORDER)

    def _book(self, user: UserId) -> AddressBook:
        return self.database.tables.address_books.get(user, AddressBook(user=user))
