"""One's own addresses, for shipping and for invoices."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from application.ports import Clock, NewId, Page, PageRequest, Store
from domain.accounts import Actor, Address, UserId
from domain.addresses import AddressId, AddressType, Entry

Line = Annotated[str, Meta(min_length=1, max_length=200)]
OptionalLine = Annotated[str, Meta(max_length=200)]
City = Annotated[str, Meta(min_length=1, max_length=100)]
State = Annotated[str, Meta(max_length=100)]
PostalCode = Annotated[str, Meta(min_length=1, max_length=20)]
Country = Annotated[str, Meta(min_length=2, max_length=2, description="ISO 3166 alpha-2.")]
Phone = Annotated[str, Meta(max_length=40)]


class NewAddress(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The first address for a use is its default, unless it says that it is not."""

    address_type: AddressType
    full_name: Line
    phone_number: Phone = ""
    address_line1: Line
    address_line2: OptionalLine = ""
    city: City
    state: State = ""
    postal_code: PostalCode
    country: Country
    is_default: bool | UnsetType = UNSET


class AddressChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is not named stays as it is."""

    address_type: AddressType | UnsetType = UNSET
    full_name: Line | UnsetType = UNSET
    phone_number: Phone | UnsetType = UNSET
    address_line1: Line | UnsetType = UNSET
    address_line2: OptionalLine | UnsetType = UNSET
    city: City | UnsetType = UNSET
    state: State | UnsetType = UNSET
    postal_code: PostalCode | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    is_default: bool | UnsetType = UNSET


class SavedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address of the address book."""

    id: AddressId
    address_type: AddressType
    full_name: str
    phone_number: str
    address_line1: str
    address_line2: str
    city: str
    state: str
    postal_code: str
    country: str
    is_default: bool
    created_at: datetime


class AddressViews(Protocol):
    """Reads address books for looking at."""

    async def list(self, user: UserId, page: PageRequest) -> Page[SavedAddress]:
        """Newest first."""
        ...

    async def get(self, user: UserId, id: AddressId) -> SavedAddress:
        """Raises AddressNotFound, for somebody else's too."""
        ...


def saved_address(entry: Entry) -> SavedAddress:
    told = {name: getattr(entry.address, name) for name in Address.__slots__}
    return SavedAddress(
        id=entry.id,
        address_type=entry.type,
        is_default=entry.is_default,
        created_at=entry.created_at,
        **told,
    )


@dataclass(frozen=True, slots=True)
class SaveAddress:
    """Raises InvalidField, AddressBookFull."""

    store: Store
    clock: Clock
    new_id: NewId

    async def __call__(self, who: Actor, new: NewAddress) -> SavedAddress:
        address = _checked({name: getattr(new, name) for name in Address.__slots__})
        async with self.store.transaction() as tx:
            book = await tx.address_books.take_of(who.must_be_user())
            is_default = not book.has_default(new.address_type) if new.is_default is UNSET else new.is_default
            entry = Entry(
                id=AddressId(self.new_id()),
                type=new.address_type,
                address=address,
                is_default=is_default,
                created_at=self.clock(),
            )
            book.add(entry)
            await tx.address_books.save(book)
        return saved_address(book.entry(entry.id))


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """Raises AddressNotFound, InvalidField."""

    store: Store

    async def __call__(self, who: Actor, id: AddressId, changes: AddressChanges) -> SavedAddress:
        named = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
        async with self.store.transaction() as tx:
            book = await tx.address_books.take_of(who.must_be_user())
            entry = book.entry(id)
            told = {name: named.get(name, getattr(entry.address, name)) for name in Address.__slots__}
            entry = replace(
                entry,
                type=named.get("address_type", entry.type),
                is_default=named.get("is_default", entry.is_default),
                address=_checked(told),
            )
            book.change(entry)
            await tx.address_books.save(book)
        return saved_address(book.entry(id))


@dataclass(frozen=True, slots=True)
class RemoveAddress:
    """Raises AddressNotFound."""

    store: Store

    async def __call__(self, who: Actor, id: AddressId) -> None:
        async with self.store.transaction() as tx:
            book = await tx.address_books.take_of(who.must_be_user())
            book.remove(id)
            await tx.address_books.save(book)


def _checked(told: dict[str, Any]) -> Address:
    address = Address(**told)
    address.check("")
    return address
