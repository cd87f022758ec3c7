"""What happens to accounts."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from domain.accounts.actors import UserId
from domain.aggregate import Event


class Ending(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"
    PASSWORD_CHANGED = "password_changed"
    ERASED = "erased"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    user: UserId
    email: str
    roles: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    user: UserId
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    user: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChangeRequested(Event):
    user: UserId
    email: str  # the new one


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(Event):
    user: UserId
    email: str
    former: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """From now on neither their refresh tokens nor their access tokens are good for anything."""

    user: UserId
    sessions: tuple[UUID, ...]
    reason: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(Event):
    user: UserId
    by: str | None  # an Actor's name


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnabled(Event):
    user: UserId
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesChanged(Event):
    user: UserId
    roles: tuple[str, ...]
    former: tuple[str, ...]
    by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserErased(Event):
    user: UserId
