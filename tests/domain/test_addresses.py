"""Address books: whatever is done to one, no use has two defaults, and none lacks one that could be."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import Address, UserId
from domain.addresses import MOST, AddressBook, AddressBookFull, AddressId, AddressNotFound, AddressType, Entry

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOME = Address(full_name="Ada", address_line1="1 Engine Street", city="London", postal_code="N1", country="GB")
SHIPPING, BILLING, BOTH = AddressType.SHIPPING, AddressType.BILLING, AddressType.BOTH


def an_entry(number: int, type: AddressType = SHIPPING, is_default: bool = False) -> Entry:
    return Entry(id=AddressId(UUID(int=number)), type=type, address=HOME, is_default=is_default, created_at=NOON)


def a_book(*entries: Entry) -> AddressBook:
    book = AddressBook(user=UserId(UUID(int=0xADA)))
    for entry in entries:
        book.add(entry)
    return book


def defaults(book: AddressBook) -> list[int]:
    return [entry.id.int for entry in book.entries if entry.is_default]


def test_a_new_default_takes_the_place_of_the_one_for_the_same_use() -> None:
    book = a_book(an_entry(1, SHIPPING, True), an_entry(2, BILLING, True), an_entry(3, SHIPPING, True))
    assert defaults(book) == [2, 3]


def test_one_for_both_takes_both_places() -> None:
    assert defaults(a_book(an_entry(1, SHIPPING, True), an_entry(2, BILLING, True), an_entry(3, BOTH, True))) == [3]


def test_where_one_for_both_gives_way_the_other_use_gets_the_newest_that_can() -> None:
    book = a_book(an_entry(1, BILLING), an_entry(2, BILLING), an_entry(3, BOTH, True), an_entry(4, SHIPPING, True))
    assert defaults(book) == [2, 4]


def test_the_place_of_a_removed_default_is_taken_by_the_newest() -> None:
    book = a_book(an_entry(1, SHIPPING, True), an_entry(2), an_entry(3), an_entry(4, BILLING))
    book.remove(AddressId(UUID(int=1)))
    assert [entry.id.int for entry in book.entries] == [2, 3, 4]
    assert 3 in defaults(book) and 2 not in defaults(book)


def test_who_says_that_it_is_no_default_any_more_is_taken_at_their_word() -> None:
    book = a_book(an_entry(1, SHIPPING, True), an_entry(2))
    book.change(replace(book.entries[0], is_default=False))
    assert defaults(book) == []


def test_what_is_not_in_the_book_is_not_found() -> None:
    book = a_book(an_entry(1))
    for ask in (book.entry, book.remove):
        with pytest.raises(AddressNotFound):
            ask(AddressId(UUID(int=2)))
    with pytest.raises(AddressNotFound):
        book.change(an_entry(2))


def test_a_book_is_full_at_some_point() -> None:
    book = a_book(*(an_entry(number) for number in range(MOST)))
    with pytest.raises(AddressBookFull):
        book.add(an_entry(MOST))
    assert len(book.entries) == MOST


STEPS = st.tuples(
    st.sampled_from(["add", "change", "remove"]), st.integers(0, 5), st.sampled_from(AddressType), st.booleans()
)


@given(st.lists(STEPS, max_size=30))
def test_whatever_is_done_no_use_has_two_defaults(steps: list[tuple[str, int, AddressType, bool]]) -> None:
    book = a_book()
    for number, (verb, place, kind, is_default) in enumerate(steps):
        there = book.entries[place % len(book.entries)] if book.entries else None
        if verb == "add" or there is None:
            book.add(an_entry(number, kind, is_default))
        elif verb == "change":
            book.change(replace(there, type=kind, is_default=is_default))
        else:
            book.remove(there.id)
        for use in ("shipping", "billing"):
            assert sum(entry.is_default and use in entry.type.uses for entry in book.entries) <= 1
