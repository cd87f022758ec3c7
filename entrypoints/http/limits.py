"""Rate limits on the wire: who has had enough is told so, everybody else how much is left."""

from typing import Any

from application.limits.policy import LimitCalls
from application.limits.quotas import Quota, TooMany, Verdict
from application.ports import AccessTokens
from domain.accounts import TokenInvalid, UserId
from entrypoints.http import callers, problems, scopes
from entrypoints.http.access import bearer
from entrypoints.http.headers import Raw
from entrypoints.http.problems import Problem

LIMITED = "/api/"
FREE = "/api/health_check"


class Limits:
    """Asked before every route. `call` and `tokens` are given when the app opens; without `call` nothing is limited."""

    tokens: AccessTokens

    def __init__(self, proxies: int) -> None:
        self.proxies = proxies
        self.call: LimitCalls | None = None

    async def spend(self, scope: Any) -> tuple[list[Raw], Problem | None]:
        """What the answer says of the caller's quota, and why there is no other answer."""
        if self.call is None or not scope["path"].startswith(LIMITED) or scope["path"].startswith(FREE):
            return [], None
        quota, verdict = await self.call(self._user(scope), callers.address(scope))
        problem = None if verdict.allowed else problems.of(TooMany(quota, verdict.retry_after))
        return told(quota, verdict), problem

    def _user(self, scope: Any) -> UserId | None:
        """Who shows a token that is not good counts as nobody; the gate refuses it afterwards."""
        try:
            given = scopes.header(scope, b"authorization")
            return self.tokens.actor(bearer(given)).user if given else None
        except TokenInvalid:
            return None


def told(quota: Quota, verdict: Verdict) -> list[Raw]:
    """As the IETF's draft has it (draft-ietf-httpapi-ratelimit-headers)."""
    wait = verdict.retry_after or round((quota.limit - verdict.remaining) * quota.step)
    return [
        (b"ratelimit-policy", f'"{quota.name}";q={quota.limit};w={quota.window}'.encode()),
        (b"ratelimit", f'"{quota.name}";r={verdict.remaining};t={wait}'.encode()),
    ]
