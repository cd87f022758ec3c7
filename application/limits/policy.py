"""Which quota binds whom: every caller of the API, and harder whoever tries passwords."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize
from uuid import UUID

from application.limits.quotas import Limiter, Quota, TooMany, Verdict

MINUTE, HOUR, DAY = 60, 3600, 86_400
# Beside the quota of a minute: who goes on failing waits longer each time. A login that succeeds clears these.
GROWING = (Quota("login-quarter", 10, 900), Quota("login-hour", 20, HOUR), Quota("login-day", 50, DAY))


@dataclass(frozen=True, slots=True)
class Quotas:
    """What each may have in a minute; all of them settings."""

    anonymous: Quota  # per address
    user: Quota
    login_account: Quota  # logins and password resets of one account, whether or not there is such a one
    login_address: Quota

    @classmethod
    def a_minute(cls, anonymous: int, user: int, login_account: int, login_address: int) -> "Quotas":
        return cls(
            Quota("anonymous", anonymous, MINUTE),
            Quota("user", user, MINUTE),
            Quota("login-account", login_account, MINUTE),
            Quota("login-address", login_address, MINUTE),
        )


@dataclass(frozen=True, slots=True)
class LimitCalls:
    """Counts a call to the API against its caller's quota; an API key has one like a user."""

    limiter: Limiter
    quotas: Quotas

    async def __call__(self, user: UUID | None, address: str) -> tuple[Quota, Verdict]:
        quota = self.quotas.user if user else self.quotas.anonymous
        return quota, await self.limiter.take(str(user or address), quota)


@dataclass(frozen=True, slots=True)
class LimitLogins:
    """Stands before everything that tries a password, or mails to whom the caller names."""

    limiter: Limiter
    quotas: Quotas

    async def __call__(self, email: str, address: str) -> None:
        """Raises TooMany."""
        await self._spend(address, [self.quotas.login_address])
        await self._spend(_account(email), [self.quotas.login_account, *GROWING])

    async def succeeded(self, email: str) -> None:
        for quota in GROWING:
            await self.limiter.forget(_account(email), quota)

    async def _spend(self, party: str, quotas: Sequence[Quota]) -> None:
        for quota in quotas:
            verdict = await self.limiter.take(party, quota)
            if not verdict.allowed:
                raise TooMany(quota, verdict.retry_after)


def _account(name: str) -> str:
    """Of an e-mail address, known or not, or a user's id: what gives neither away to whoever reads Redis."""
    return hashlib.sha256(normalize("NFC", name.strip().lower()).encode()).hexdigest()
