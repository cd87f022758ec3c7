"""Sessions: families of refresh tokens, each from one login on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid5

from domain.accounts import UserId
from domain.aggregate import Event

REFUSALS_TOLD = 10  # of one account in a minute; those after them change nothing of the picture
REFUSALS = UUID("5b0c9f0e-6f2a-4a7e-9d0b-6c5f2f1f9a31")


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Event):
    """Somebody signed in."""

    user: UserId
    session: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused(Event):
    """Somebody named the address of this user, or one that nobody has, and could not sign in."""

    user: UserId | None

    @property
    def minute(self) -> UUID:
        """Which it shares with the account's other refusals in the same minute."""
        return uuid5(REFUSALS, f"{self.user} {self.at:%Y-%m-%d %H:%M}")


@dataclass(slots=True, kw_only=True)
class Session:
    """A family of refresh tokens, from one login on."""

    id: UUID
    user: UserId
    expires_at: datetime
    revoked_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class RefreshToken:
    """One refresh token: only its SHA-256 is kept; its successor is sealed under a key that the token itself yields."""

    digest: bytes
    session: UUID
    created_at: datetime
    used_at: datetime | None = None
    successor: bytes | None = None  # digest
    sealed_successor: bytes | None = None


class Sessions(Protocol):
    """Repository of sessions and their refresh tokens."""

    async def start(self, session: Session, token: RefreshToken) -> None:
        """Tells SessionStarted."""
        ...

    async def refuse(self, refusal: LoginRefused) -> None:
        """Tell of a login that failed, unless REFUSALS_TOLD of that account were told in the same minute."""
        ...

    async def take_by_token(self, digest: bytes) -> tuple[Session, RefreshToken] | None:
        """The session locked first, so that parallel refreshes queue."""
        ...

    async def find_by_token(self, digest: bytes) -> Session | None:
        """Without a lock: who ends sessions takes the user first."""
        ...

    async def find_token(self, digest: bytes) -> RefreshToken | None: ...

    async def end(self, session: UUID, at: datetime) -> bool:
        """False where it was ended before."""
        ...

    async def end_all(self, user: UserId, at: datetime, *, but: UUID | None = None) -> list[UUID]:
        """Those of the user's that were not over, but for one; the caller holds the user's lock."""
        ...

    async def save(self, session: Session, *tokens: RefreshToken) -> None: ...
