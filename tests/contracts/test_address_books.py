"""What every repository of address books must do, and every view of them show."""

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dishka import AsyncContainer

from application.accounts.addresses import AddressViews, saved_address
from application.ports import PageRequest, Store
from domain.accounts import Address, User, UserId, UserNotFound
from domain.addresses import AddressBook, AddressId, AddressNotFound, AddressType, Entry

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
HOME = Address(
    full_name="Zoë O'Neil",
    address_line1="1 Engine Street",
    address_line2="Flat 2",
    city="London",
    state="Middlesex",
    postal_code="N1 9GU",
    country="GB",
    phone_number="+44 20 1234",
)


@pytest.fixture
async def user(store: Store) -> UserId:
    user = User.register(UserId(uuid.uuid4()), f"{uuid.uuid4().hex}@example.com", "a hash", NOW)
    async with store.transaction() as tx:
        await tx.users.save(user)
    return user.id


@pytest.fixture
async def views(container: AsyncContainer) -> AddressViews:
    found: AddressViews = await container.get(AddressViews)
    return found


def an_entry(minute: int = 0, type: AddressType = AddressType.SHIPPING, is_default: bool = False) -> Entry:
    at = NOW + timedelta(minutes=minute)
    return Entry(id=AddressId(uuid.uuid4()), type=type, address=HOME, is_default=is_default, created_at=at)


async def filled(store: Store, user: UserId, *entries: Entry) -> AddressBook:
    async with store.transaction() as tx:
        book = await tx.address_books.take_of(user)
        for entry in entries:
            book.add(entry)
        await tx.address_books.save(book)
    return book


async def taken(store: Store, user: UserId) -> AddressBook:
    async with store.transaction() as tx:
        return await tx.address_books.take_of(user)


async def test_a_book_comes_back_as_it_was_saved(store: Store, user: UserId) -> None:
    assert (await taken(store, user)).entries == ()
    book = await filled(store, user, an_entry(0, AddressType.BOTH, True), an_entry(1), an_entry(2, AddressType.BILLING))
    assert await taken(store, user) == book


async def test_changes_removals_and_new_defaults_come_back(store: Store, user: UserId) -> None:
    first, second, third = (an_entry(minute, is_default=minute == 0) for minute in range(3))
    await filled(store, user, first, second, third)
    async with store.transaction() as tx:
        book = await tx.address_books.take_of(user)
        book.change(replace(second, address=replace(HOME, city="Paris", country="FR"), is_default=True))
        book.remove(third.id)
        await tx.address_books.save(book)
    again = await taken(store, user)
    assert again == book
    assert [(entry.id, entry.is_default, entry.address.city) for entry in again.entries] == [
        (first.id, False, "London"),
        (second.id, True, "Paris"),
    ]


async def test_who_is_not_there_has_no_book(store: Store) -> None:
    async with store.transaction() as tx:
        with pytest.raises(UserNotFound):
            await tx.address_books.take_of(UserId(uuid.uuid4()))


async def test_what_fails_leaves_nothing(store: Store, user: UserId) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            book = await tx.address_books.take_of(user)
            book.add(an_entry())
            await tx.address_books.save(book)
            raise ZeroDivisionError
    assert (await taken(store, user)).entries == ()


async def test_of_twenty_defaults_at_once_one_is_left(store: Store, user: UserId) -> None:
    await asyncio.gather(*(filled(store, user, an_entry(minute, is_default=True)) for minute in range(20)))
    entries = (await taken(store, user)).entries
    assert len(entries) == 20
    assert sum(entry.is_default for entry in entries) == 1


async def test_a_view_shows_the_newest_first_page_by_page(store: Store, user: UserId, views: AddressViews) -> None:
    entries = [an_entry(minute) for minute in range(5)]
    await filled(store, user, *entries)
    newest = [saved_address(entry) for entry in reversed(entries)]
    first = await views.list(user, PageRequest(2))
    second = await views.list(user, PageRequest(2, first.next))
    third = await views.list(user, PageRequest(2, second.next))
    assert [first.results, second.results, third.results] == [newest[:2], newest[2:4], newest[4:]]
    assert (first.previous, third.next) == (None, None)
    assert (await views.list(user, PageRequest(2, third.previous))).results == newest[2:4]
    assert await views.get(user, entries[3].id) == newest[1]


async def test_another_users_addresses_are_not_there(store: Store, user: UserId, views: AddressViews) -> None:
    entry = an_entry()
    await filled(store, user, entry)
    stranger = UserId(uuid.uuid4())
    assert (await views.list(stranger, PageRequest())).results == []
    for wanted in (entry.id, AddressId(uuid.uuid4())):
        with pytest.raises(AddressNotFound):
            await views.get(stranger, wanted)
