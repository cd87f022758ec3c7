"""What the shop forgets, and when."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

KEPT = timedelta(hours=24)
AT_ONCE = 1000


class Answers(Protocol):
    """The answers kept under idempotency keys."""

    async def forget(self, older_than: timedelta, limit: int) -> int:
        """Forget at most so many of those; how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class ForgetAnswers:
    """Ends the day for which an idempotency key is good. A few rows at a time, so that nobody waits for it."""

    answers: Answers

    async def __call__(self) -> int:
        forgotten = latest = await self.answers.forget(KEPT, AT_ONCE)
        while latest == AT_ONCE:
            latest = await self.answers.forget(KEPT, AT_ONCE)
            forgotten += latest
        return forgotten
