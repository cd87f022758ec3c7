"""What was looked for in vain: what the shop might sell, or should call otherwise."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from application.ports import Page, PageRequest
from application.search.words import folded
from domain.accounts import Actor, Permission, must

MOST_MISSES = 1000  # that are kept; the ones not seen for longest go first
LONGEST = 80  # characters of one
MOST_DIGITS = 5  # more may be somebody's number


class MissedSearch(msgspec.Struct, frozen=True):
    """`q` is folded: without accents, cases and signs."""

    q: str
    count: int
    last_seen: datetime


class Misses(Protocol):
    """Remembers them, as far as it can: what is noted may be lost with the process, and nobody waits for it."""

    def note(self, q: str, at: datetime) -> None:
        """Never blocks, never fails."""
        ...

    async def listed(self, page: PageRequest) -> Page[MissedSearch]:
        """Most often missed first."""
        ...


@dataclass(frozen=True, slots=True)
class ListMisses:
    misses: Misses

    async def __call__(self, who: Actor, page: PageRequest) -> Page[MissedSearch]:
        must(who, Permission.READ_SEARCHES)
        return await self.misses.listed(page)


def told_of(q: str) -> str | None:
    """What is remembered of a query: nothing of one that may tell who asked."""
    words = folded(q)
    if not words or len(words) > LONGEST or "@" in q or sum(letter.isdigit() for letter in q) > MOST_DIGITS:
        return None
    return words
