"""Quotas, and the one rule by which they are spent: GCRA, a bucket that leaks steadily (ITU-T I.371)."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Quota:
    """So many in so many seconds: all of them at once if need be, then one per step."""

    name: str
    limit: int
    window: int  # seconds

    @property
    def step(self) -> float:
        """Seconds after which one more may pass."""
        return self.window / self.limit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one attempt: `remaining` more may pass at once, `retry_after` says when the next one may."""

    allowed: bool
    remaining: int
    retry_after: int = 0  # seconds; 0 where this one passed


class TooMany(Exception):
    """The party has had all that its quota gives."""

    def __init__(self, quota: Quota, retry_after: int) -> None:
        super().__init__(quota.name)
        self.quota, self.retry_after = quota, retry_after


class Limiter(Protocol):
    """Spends quotas, exactly, however many processes ask."""

    async def take(self, party: str, quota: Quota) -> Verdict: ...

    async def forget(self, party: str, quota: Quota) -> None:
        """The party has its whole quota again."""
        ...


def spend(due: float, now: float, quota: Quota) -> tuple[float, Verdict]:
    """One attempt. `due` is when the bucket will be empty, in seconds on the clock of `now`; answers with the next."""
    after = max(due, now) + quota.step
    over = after - now - quota.window
    if over > 0.0005:  # half a millisecond, for what floats lose
        return due, Verdict(allowed=False, remaining=0, retry_after=max(1, -int(-over // 1)))
    left = (quota.window - (after - now)) / quota.step
    return after, Verdict(allowed=True, remaining=int(left + 0.0001))
