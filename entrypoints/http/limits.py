"""Rate limits on the wire: who has had enough is told so, everybody else how much is left."""

from typing import Any
from uuid import UUID

from application.accounts.identifying import Identify
from application.limits.policy import LimitCalls
from application.limits.quotas import Quota, TooMany, Verdict
from domain.accounts import TokenInvalid
from entrypoints.http import callers, problems, scopes
from entrypoints.http.access import bearer
from entrypoints.http.headers import Raw
from entrypoints.http.problems import Problem

LIMITED = "/api/"
FREE = "/api/health_check"


class Limits:
    """Asked before every route. `call` and `identify` are given as the app opens; without `call` nothing is limited."""

    identify: Identify

    def __init__(self, proxies: int) -> None:
        self.proxies = proxies
        self.call: LimitCalls | None = None

    async def spend(self, scope: Any) -> tuple[list[Raw], Problem | None]:
        """What the answer says of the caller's quota, and why there is no other answer."""
        if self.call is None or not scope["path"].startswith(LIMITED) or scope["path"].startswith(FREE):
            return [], None
        quota, verdict = await self.call(self._claimed(scope), callers.address(scope))
        problem = None if verdict.allowed else problems.of(TooMany(quota, verdict.retry_after))
        return told(quota, verdict), problem

    def _claimed(self, scope: Any) -> UUID | None:
        """User or key. Who shows a token that is not good counts as nobody; the gate refuses it afterwards."""
        try:
            given = scopes.header(scope, b"authorization")
            who = self.identify.claimed(bearer(given)) if given else None
        except TokenInvalid:
            return None
        return (who.user or who.key) if who else None


def told(quota: Quota, verdict: Verdict) -> list[Raw]:
    """As the IETF's draft has it (draft-ietf-httpapi-ratelimit-headers)."""
    wait = verdict.retry_after or round((quota.limit - verdict.remaining) * quota.step)
    return [
        (b"ratelimit-policy", f'"{quota.name}";q={quota.limit};w={quota.window}'.encode()),
        (b"ratelimit", f'"{quota.name}";r={verdict.remaining};t={wait}'.encode()),
    ]
