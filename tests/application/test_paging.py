"""Cursors: what was sealed comes back, and nothing else does."""

import pytest

from application.paging import Cursors, Position
from domain.errors import InvalidField

cursors = Cursors("a secret")


def test_what_was_sealed_comes_back() -> None:
    cursor = cursors.seal(("2026-11-22T10:00:00Z", 1999, None), "-created_at")
    assert cursors.open(cursor, "-created_at") == Position(("2026-11-22T10:00:00Z", 1999, None), "next")
    back = cursors.seal([1], "name", "previous")
    assert cursors.open(back, "name") == Position((1,), "previous")


def test_a_cursor_is_made_of_letters_that_need_no_escaping() -> None:
    assert set(cursors.seal(("ÄÖ?&=/ ",), "name")) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


def test_changing_any_letter_breaks_it() -> None:
    cursor = cursors.seal((1999, "x"), "price")
    for place, letter in enumerate(cursor):
        changed = cursor[:place] + ("A" if letter != "A" else "B") + cursor[place + 1 :]
        if place == len(cursor) - 1:
            continue  # its low bits may be padding
        with pytest.raises(InvalidField) as refusal:
            cursors.open(changed, "price")
        assert (refusal.value.pointer, refusal.value.reason) == ("cursor", "invalid-cursor")


@pytest.mark.parametrize("made_up", ["", "x", "null", "é", "AAAA", "A" * 3000, "\x00", "a b", "++//", "\udc80"])
def test_what_was_made_up_is_refused(made_up: str) -> None:
    with pytest.raises(InvalidField):
        cursors.open(made_up, "price")


def test_a_cursor_is_good_for_its_own_order_and_secret_only() -> None:
    cursor = cursors.seal((1,), "price")
    with pytest.raises(InvalidField):
        cursors.open(cursor, "-price")
    with pytest.raises(InvalidField):
        Cursors("another").open(cursor, "price")
