"""Limits that one process keeps for itself: for tests, and for as long as Redis is away."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic

from application.limits.quotas import Quota, Verdict, spend

MOST = 100_000  # parties that are remembered


class Unlimited:
    """Lets everything pass: RATE_LIMITS=off."""

    async def take(self, party: str, quota: Quota) -> Verdict:
        return Verdict(allowed=True, remaining=quota.limit)

    async def forget(self, party: str, quota: Quota) -> None:
        """There is nothing to forget."""


@dataclass(slots=True)
class LocalLimiter:
    """Exact within its process. `processes` share what a quota gives, so that together they never give more."""

    processes: int = 1
    now: Callable[[], float] = monotonic
    due: dict[tuple[str, str], float] = field(default_factory=dict)

    async def take(self, party: str, quota: Quota) -> Verdict:
        return self.spend(party, quota)

    async def forget(self, party: str, quota: Quota) -> None:
        self.due.pop((quota.name, party), None)

    def spend(self, party: str, quota: Quota) -> Verdict:
        share, key, now = self._share(quota), (quota.name, party), self.now()
        due, verdict = spend(self.due.get(key, 0.0), now, share)
        if key not in self.due and len(self.due) >= MOST:
            self._forget(now)
        self.due[key] = due
        return verdict

    def _share(self, quota: Quota) -> Quota:
        return quota if self.processes == 1 else replace(quota, limit=max(1, quota.limit // self.processes))

    def _forget(self, now: float) -> None:
        """Those whose bucket is empty; where none is, the eldest: a flood of parties must not fill the memory."""
        self.due = {key: due for key, due in self.due.items() if due > now}
        while len(self.due) >= MOST:
            del self.due[next(iter(self.due))]
