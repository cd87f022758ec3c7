"""What the shop forgets, and when."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

KEPT = timedelta(hours=24)
ABANDONED = timedelta(days=30)  # so long after its last change a guest's cart is there
AT_ONCE = 1000


class Answers(Protocol):
    """The answers kept under idempotency keys."""

    async def forget(self, older_than: timedelta, limit: int) -> int:
        """Forget at most so many of those; how many there were."""
        ...


class GuestCarts(Protocol):
    """The carts of people without an account."""

    async def forget(self, older_than: timedelta, limit: int) -> int:
        """Forget at most so many that were not changed for so long; how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class ForgetAnswers:
    """Ends the day for which an idempotency key is good. A few rows at a time, so that nobody waits for it."""

    answers: Answers

    async def __call__(self) -> int:
        return await _all(self.answers, KEPT)


@dataclass(frozen=True, slots=True)
class ForgetCarts:
    """Guests who never come back leave their carts behind; the orders that were made of them stay."""

    carts: GuestCarts

    async def __call__(self) -> int:
        return await _all(self.carts, ABANDONED)


async def _all(kept: Answers | GuestCarts, older_than: timedelta) -> int:
    forgotten = latest = await kept.forget(older_than, AT_ONCE)
    while latest == AT_ONCE:
        latest = await kept.forget(older_than, AT_ONCE)
        forgotten += latest
    return forgotten
