"""What the shop forgets, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

AT_ONCE = 1000


class Leftover(StrEnum):
    """Rows that nobody may ask for any more."""

    ANSWERS = "answers under idempotency keys"
    CARTS = "guests' carts"  # of who never came back; the orders that were made of them stay
    LINKS = "mailed links"  # that were used, or came too late
    SESSIONS = "sessions"  # that are over, with their refresh tokens
    HANDLED = "marks of handled events"
    DELIVERIES = "deliveries"  # that were made; the events stay


KEPT: Mapping[Leftover, timedelta] = {
    Leftover.ANSWERS: timedelta(hours=24),
    Leftover.CARTS: timedelta(days=30),  # since their last change
    Leftover.LINKS: timedelta(days=1),  # since they ceased to work
    Leftover.SESSIONS: timedelta(days=7),  # longer than any access token lives
    Leftover.HANDLED: timedelta(days=30),
    Leftover.DELIVERIES: timedelta(days=30),
}


class Attic(Protocol):
    """Where they lie."""

    async def forget(self, what: Leftover, older_than: timedelta, limit: int) -> int:
        """Forget at most so many of those; how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class ForgetLeftovers:
    """A few rows at a time, so that nobody waits for it. Tells what went."""

    attic: Attic

    async def __call__(self) -> dict[Leftover, int]:
        return {what: await self._all(what, older_than) for what, older_than in KEPT.items()}

    async def _all(self, what: Leftover, older_than: timedelta) -> int:
        forgotten = latest = await self.attic.forget(what, older_than, AT_ONCE)
        while latest == AT_ONCE:
            latest = await self.attic.forget(what, older_than, AT_ONCE)
            forgotten += latest
        return forgotten
