"""Users: somebody with an account, what may change of it, and where users are kept."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, Self
from unicodedata import normalize
from uuid import UUID

from domain.accounts.actors import Actor, Role, UserId
from domain.accounts.events import (
    EmailChanged,
    EmailChangeRequested,
    Ending,
    PasswordChanged,
    RolesChanged,
    SessionsEnded,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserErased,
    UserRegistered,
)
from domain.aggregate import Aggregate
from domain.errors import Conflict, InvalidField, NotFound

EMAIL_LENGTH = 254
# What a mail server could take without quoting; whether there is such a mailbox only a mail can tell.
EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])")
ERASED = "erased.invalid"  # a top-level domain that never exists (RFC 2606)
LANGUAGES = ("en", "de", "fr")


class UserNotFound(NotFound):
    code = "user-not-found"


class EmailTaken(Conflict):
    code = "email-taken"


class UsernameTaken(Conflict):
    code = "username-taken"


class LastAdmin(Conflict):
    """Without them nobody could let anybody in again."""

    code = "last-admin"


@dataclass(slots=True, eq=False, kw_only=True)
class User(Aggregate):
    """Somebody with an account. `email` is lower-case; `password_hash` is opaque here."""

    id: UserId
    email: str
    password_hash: str
    date_joined: datetime
    username: str | None = None
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    is_active: bool = True
    email_verified: bool = False
    preferred_language: str = "en"
    roles: set[Role] = field(default_factory=lambda: {Role.CUSTOMER})
    access_version: int = 0  # what was issued to earlier versions of them is void
    access_changed_at: datetime | None = None

    @classmethod
    def register(
        cls,
        id: UserId,
        email: str,
        password_hash: str,
        at: datetime,
        roles: Iterable[Role] = (Role.CUSTOMER,),
        *,
        username: str | None = None,
        first_name: str = "",
        last_name: str = "",
        phone_number: str = "",
    ) -> Self:
        user = cls(
            id=id,
            email=normal_email(email),
            password_hash=password_hash,
            date_joined=at,
            roles=set(roles),
            username=username,
            first_name=first_name,
            last_name=last_name,
            phone_number=phone_number,
        )
        user.record(UserRegistered(user=id, email=user.email, roles=tuple(sorted(user.roles)), at=at))
        return user

    @property
    def actor(self) -> Actor:
        return Actor(self.id, frozenset(self.roles))

    @property
    def is_staff(self) -> bool:
        return self.actor.is_staff

    def change_profile(self, changes: Mapping[str, str | None], at: datetime) -> None:
        """Change the named fields of the profile. Raises InvalidField for a language that the shop does not speak."""
        if changes.get("preferred_language", "en") not in LANGUAGES:
            raise InvalidField("/preferred_language", "invalid-choice", f"must be one of {', '.join(LANGUAGES)}")
        named = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in named.items():
            setattr(self, name, value)
        if named:
            self.record(UserChanged(user=self.id, fields=tuple(sorted(named)), at=at))

    def change_password(self, password_hash: str, at: datetime) -> None:
        self.password_hash = password_hash
        self.record(PasswordChanged(user=self.id, at=at))

    def request_email(self, email: str, at: datetime) -> None:
        """Wish for another address; it is theirs once they have shown that they read its mail."""
        self.record(EmailChangeRequested(user=self.id, email=normal_email(email, "/new_email"), at=at))

    def confirm_email(self, email: str, at: datetime) -> None:
        """They read mail sent to this address: it is theirs."""
        if email != self.email:
            former, self.email, self.email_verified = self.email, email, True
            self.record(EmailChanged(user=self.id, email=email, former=former, at=at))
        elif not self.email_verified:
            self.email_verified = True
            self.record(UserChanged(user=self.id, fields=("email_verified",), at=at))

    def end_sessions(self, sessions: Iterable[UUID], reason: Ending, at: datetime) -> None:
        """Say that these are over."""
        if ended := tuple(sessions):
            self.record(SessionsEnded(user=self.id, sessions=ended, reason=reason, at=at))

    def erase(self, at: datetime) -> None:
        """Nothing of the person is left, and nobody can sign in; the id stays, since the books name it."""
        self.email, self.password_hash, self.username = f"erased-{self.id}@{ERASED}", "!", None
        self.first_name = self.last_name = self.phone_number = ""
        self.is_active = self.email_verified = False
        self.roles = {Role.CUSTOMER}
        self.record(UserErased(user=self.id, at=at))
        self._void_access(at)

    @property
    def is_admin(self) -> bool:
        """Whether they can act as one."""
        return self.is_active and Role.ADMIN in self.roles

    def disable(self, by: Actor, at: datetime) -> None:
        """Lock them out, at once."""
        if self.is_active:
            self.is_active = False
            self.record(UserDisabled(user=self.id, by=by.name, at=at))
            self._void_access(at)

    def enable(self, by: Actor, at: datetime) -> None:
        """Let them sign in again."""
        if not self.is_active:
            self.is_active = True
            self.record(UserEnabled(user=self.id, by=by.name, at=at))

    def change_roles(self, roles: Iterable[Role], by: Actor, at: datetime) -> None:
        """Everybody stays a customer. What they hold says their former roles, so it is void."""
        former, self.roles = self.roles, {*roles, Role.CUSTOMER}
        if former != self.roles:
            told, before = tuple(sorted(self.roles)), tuple(sorted(former))
            self.record(RolesChanged(user=self.id, roles=told, former=before, by=by.name, at=at))
            self._void_access(at)

    def _void_access(self, at: datetime) -> None:
        """What was issued before the latest event is no longer good."""
        self.access_version, self.access_changed_at = self.version + len(self.events), at

    def make_admin(self, password_hash: str, at: datetime) -> None:
        """Everything is theirs from now on, under this password, even where they had been locked out."""
        self.password_hash, self.is_active = password_hash, True
        self.roles.add(Role.ADMIN)
        self.record(UserChanged(user=self.id, fields=("is_active", "password", "roles"), at=at))
        self._void_access(at)


class Users(Protocol):
    """Repository of users."""

    async def get(self, id: UserId) -> User: ...

    async def take(self, id: UserId) -> User:
        """Locked."""
        ...

    async def find_by_email(self, email: str) -> User | None: ...

    async def other_admins(self, id: UserId) -> int:
        """How many can act as admins beside this one; they stay so until the transaction ends."""
        ...

    async def save(self, user: User) -> None:
        """Raises EmailTaken or UsernameTaken."""
        ...


def normal_email(text: str, pointer: str = "/email") -> str:
    """The one spelling under which an address is kept. Raises InvalidField for what cannot be an address."""
    email = normalize("NFC", text.strip().lower())
    if len(email) > EMAIL_LENGTH or not email.isprintable() or not EMAIL.fullmatch(email):
        raise InvalidField(pointer, "invalid-email", "must be an e-mail address")
    return email
