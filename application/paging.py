"""Keyset cursors: where a page of a list begins, sealed so that nobody can make one up."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from application.ports import Page, PageRequest
from domain.errors import InvalidField

R = TypeVar("R")

Way = Literal["next", "previous"]

SEAL = 16  # bytes of keyed BLAKE2b
LONGEST = 2048  # characters; ours are far shorter


@dataclass(frozen=True, slots=True)
class Position:
    """The keys of the row that a page lies behind (or, for `previous`, before)."""

    values: tuple[Any, ...]
    way: Way = "next"


class _Sealed(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    order: str
    way: Way
    values: tuple[Any, ...]


class Cursors:
    """Seals and opens cursors. One is good for the order (and list) that it was sealed for, and for no other."""

    __slots__ = ("_key",)

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(f"tradepost cursors {secret}".encode()).digest()

    def seal(self, values: Sequence[Any], order: str, way: Way = "next") -> str:
        """A cursor for the page behind the row with these keys. What JSON has no type for comes back as text."""
        text = msgspec.json.encode(_Sealed(order, way, tuple(values)))
        return base64.urlsafe_b64encode(self._seal(text) + text).rstrip(b"=").decode()

    def open(self, cursor: str, order: str) -> Position:
        """What was sealed; times and ids come as text. Raises InvalidField for what we did not seal for this order."""
        try:
            if len(cursor) > LONGEST:
                raise ValueError(cursor)
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            text = raw[SEAL:]
            if not hmac.compare_digest(self._seal(text), raw[:SEAL]):
                raise ValueError(cursor)
            sealed = msgspec.json.decode(text, type=_Sealed)
        except (ValueError, binascii.Error) as error:
            raise InvalidField("cursor", "invalid-cursor", "is no cursor of this list") from error
        if sealed.order != order:
            raise InvalidField("cursor", "invalid-cursor", "belongs to a list in another order")
        return Position(sealed.values, sealed.way)

    def _seal(self, text: bytes) -> bytes:
        return hashlib.blake2b(text, digest_size=SEAL, key=self._key).digest()


def paged(
    rows: Sequence[R],
    size: int,
    position: Position | None,
    key: Callable[[R], Sequence[Any]],
    cursors: Cursors,
    order: str,
) -> Page[R]:
    """Make a page of `size + 1` rows or fewer, read from the position on in its own way (backwards for `previous`).

    `key` gives a row's keyset values; `order` names the list and its ordering, as it did when `position` was opened.
    """
    more, backwards = len(rows) > size, position is not None and position.way == "previous"
    shown = list(rows[:size])
    if backwards:
        shown.reverse()
    before = more if backwards else position is not None
    after = position is not None if backwards else more
    return Page(
        results=shown,
        next=cursors.seal(key(shown[-1]), order) if after and shown else None,
        previous=cursors.seal(key(shown[0]), order, "previous") if before and shown else None,
    )


def page_of_all(
    rows: Iterable[R], key: Callable[[R], tuple[Any, ...]], page: PageRequest, cursors: Cursors, order: str
) -> Page[R]:
    """A page of rows that are all at hand, by their keys, which JSON gives back as they were: texts and numbers."""
    position = cursors.open(page.cursor, order) if page.cursor is not None else None
    backwards = position is not None and position.way == "previous"
    found = sorted(rows, key=key, reverse=backwards)
    if position is not None:
        here = position.values
        found = [row for row in found if (key(row) < here if backwards else key(row) > here)]
    return paged(found[: page.size + 1], page.size, position, key, cursors, order)
