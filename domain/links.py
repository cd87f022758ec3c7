"""Links that are mailed: who opens one has shown that the mailbox is theirs. Each works once, and not for long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol, Self
from uuid import UUID

from domain.accounts import UserId
from domain.aggregate import Aggregate, Event
from domain.errors import InvalidField

ResetRequestId = NewType("ResetRequestId", UUID)


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    CHANGE_EMAIL = "change_email"
    RESET_PASSWORD = "reset_password"


LIFETIMES = {
    Purpose.VERIFY_EMAIL: timedelta(days=3),
    Purpose.CHANGE_EMAIL: timedelta(days=1),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
}
OF_EMAIL = frozenset({Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL})


class LinkInvalid(InvalidField):
    """It is none of ours, was used before, or came too late; which of these nobody is told."""

    code = "link-invalid"

    def __init__(self) -> None:
        super().__init__("/token", "invalid-link", "is not or no longer valid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Only the SHA-256 of its token is kept. `email` is where it went."""

    digest: bytes
    user: UserId
    purpose: Purpose
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetRequested(Event):
    """Somebody named the address of this user, or one that nobody has."""

    user: UserId | None


@dataclass(slots=True, eq=False, kw_only=True)
class ResetRequest(Aggregate):
    """Somebody's wish for a new password: the same for everybody, so that it tells nobody who has an account."""

    id: ResetRequestId

    @classmethod
    def of(cls, id: ResetRequestId, user: UserId | None, at: datetime) -> Self:
        request = cls(id=id)
        request.record(PasswordResetRequested(user=user, at=at))
        return request


class Links(Protocol):
    """Repository of mailed links. Time is the store's own."""

    async def request_reset(self, request: ResetRequest) -> None: ...

    async def add(self, link: Link, lifetime: timedelta) -> None: ...

    async def find(self, digest: bytes) -> Link | None:
        """Only one that still works."""
        ...

    async def spend(self, digest: bytes) -> bool:
        """Use it up. False where it does not work any more."""
        ...

    async def void(self, user: UserId, purpose: Purpose) -> None:
        """None of the user's links for that works any more."""
        ...
