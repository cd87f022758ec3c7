"""Address books: the addresses a user keeps, with at most one default for each use."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from domain.accounts import Address, UserId
from domain.errors import Conflict, NotFound

AddressId = NewType("AddressId", UUID)

MOST = 100  # addresses of one user


class AddressType(StrEnum):
    SHIPPING = "shipping"
    BILLING = "billing"
    BOTH = "both"

    @property
    def uses(self) -> frozenset[str]:
        return frozenset({"shipping", "billing"} if self is AddressType.BOTH else {self.value})


class AddressNotFound(NotFound):
    code = "address-not-found"


class AddressBookFull(Conflict):
    code = "address-book-full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An address that is kept, and what for."""

    id: AddressId
    type: AddressType
    address: Address
    is_default: bool
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class AddressBook:
    """All addresses of a user, oldest first. Of those for one use one at most is the default."""

    user: UserId
    entries: tuple[Entry, ...] = ()

    def entry(self, id: AddressId) -> Entry:
        """Raises AddressNotFound."""
        for entry in self.entries:
            if entry.id == id:
                return entry
        raise AddressNotFound

    def add(self, entry: Entry) -> None:
        """As a default it takes the place of the one before. Raises AddressBookFull."""
        if len(self.entries) >= MOST:
            raise AddressBookFull
        self._put((*self.entries, entry), entry)

    def change(self, changed: Entry) -> None:
        """Raises AddressNotFound."""
        before = self.entry(changed.id)
        self._put((changed if entry.id == changed.id else entry for entry in self.entries), changed)
        if before.type is not changed.type:
            self._fill()

    def remove(self, id: AddressId) -> None:
        """Raises AddressNotFound."""
        removed = self.entry(id)
        self.entries = tuple(entry for entry in self.entries if entry.id != id)
        if removed.is_default:
            self._fill()

    def has_default(self, type: AddressType) -> bool:
        """Whether there is one for any of its uses."""
        return any(entry.is_default and entry.type.uses & type.uses for entry in self.entries)

    def _put(self, entries: Iterable[Entry], new: Entry) -> None:
        """Where the new one is a default, those that share a use with it are none any more."""
        self.entries = tuple(replace(entry, is_default=False) if _gives_way(entry, new) else entry for entry in entries)
        if new.is_default:
            self._fill()

    def _fill(self) -> None:
        """A use that lost its default gets the newest that takes no other's place."""
        for entry in reversed(self.entries):
            if not self.has_default(entry.type):
                chosen = replace(entry, is_default=True)
                self.entries = tuple(chosen if each.id == entry.id else each for each in self.entries)


def _gives_way(entry: Entry, new: Entry) -> bool:
    return new.is_default and entry.is_default and entry.id != new.id and bool(entry.type.uses & new.type.uses)


class AddressBooks(Protocol):
    """Repository of address books."""

    async def take_of(self, user: UserId) -> AddressBook:
        """Locked. Raises UserNotFound."""
        ...

    async def save(self, book: AddressBook) -> None: ...
