"""Address books on PostgreSQL: the owner's row is the lock, two partial unique indexes are the wall."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from adapters.postgres.database import Database, statement
from adapters.postgres.unit import Unit
from application.accounts.addresses import SavedAddress, saved_address
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.accounts import Address, UserId, UserNotFound
from domain.addresses import AddressBook, AddressId, AddressNotFound, AddressType, Entry

LOCK = "select 1 from account where id = $1 for no key update"
OF = "select * from address where user_id = $1 order by created_at, id"
ONE = "select * from address where user_id = $1 and id = $2"
REMOVE = "delete from address where user_id = $1 and id <> all($2)"
# First of all: at no moment there may be two.
DETHRONE = "update address set is_default = false where user_id = $1 and is_default and id <> all($2)"
COLUMNS = tuple(Address.__slots__)  # as `addresses_save.sql` numbers them
SAVE = statement("addresses_save")
LIST = """
select * from address
where user_id = $1 and ($2::timestamptz is null or (created_at, id) {beyond} ($2, $3::uuid))
order by created_at {way}, id {way} limit $4
"""
ORDER = "addresses"
OLDER = LIST.format(beyond="<", way="desc")
NEWER = LIST.format(beyond=">", way="asc")


def entry_of(row: asyncpg.Record) -> Entry:
    return Entry(
        id=row["id"],
        type=AddressType(row["type"]),
        address=address_of(row),
        is_default=row["is_default"],
        created_at=row["created_at"],
    )


def address_of(row: asyncpg.Record) -> Address:
    return Address(**{column: row[column] for column in COLUMNS})


@dataclass(frozen=True, slots=True)
class PostgresAddressBooks:
    unit: Unit

    async def take_of(self, user: UserId) -> AddressBook:
        if await self.unit.connection.fetchval(LOCK, user) is None:
            raise UserNotFound
        rows = await self.unit.connection.fetch(OF, user)
        return AddressBook(user=user, entries=tuple(entry_of(row) for row in rows))

    async def save(self, book: AddressBook) -> None:
        connection, entries = self.unit.connection, book.entries
        await connection.execute(REMOVE, book.user, [entry.id for entry in entries])
        await connection.execute(DETHRONE, book.user, [entry.id for entry in entries if entry.is_default])
        await connection.execute(
            SAVE,
            book.user,
            [entry.id for entry in entries],
            [entry.type for entry in entries],
            [entry.is_default for entry in entries],
            [entry.created_at for entry in entries],
            *([getattr(entry.address, column) for entry in entries] for column in COLUMNS),
        )


@dataclass(frozen=True, slots=True)
class PostgresAddressViews:
    """Address books as their owners look at them."""

    database: Database
    cursors: Cursors

    async def get(self, user: UserId, id: AddressId) -> SavedAddress:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(ONE, user, id)
        if row is None:
            raise AddressNotFound
        return saved_address(entry_of(row))

    async def list(self, user: UserId, page: PageRequest) -> Page[SavedAddress]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, user, at, last, page.size + 1)
        found = [saved_address(entry_of(row)) for row in rows]
        return paged(found, page.size, position, lambda address: (address.created_at, address.id), self.cursors, ORDER)
