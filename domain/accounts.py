"""Accounts: users and their roles, addresses, and who is asking."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Protocol, Self
from unicodedata import normalize
from uuid import UUID

from domain.aggregate import Aggregate, Event
from domain.countries import COUNTRIES
from domain.errors import Conflict, DomainError, Forbidden, InvalidField, NotFound

UserId = NewType("UserId", UUID)

PASSWORD_LENGTH = range(8, 129)
EMAIL_LENGTH = 254
# What a mail server could take without quoting; whether there is such a mailbox only a mail can tell.
EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])")
ERASED = "erased.invalid"  # a top-level domain that never exists (RFC 2606)
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LANGUAGES = ("en", "de", "fr")


class Role(StrEnum):
    CUSTOMER = "customer"
    CATALOG_MANAGER = "catalog_manager"
    ORDER_MANAGER = "order_manager"
    ANALYST = "analyst"
    ADMIN = "admin"


class Ending(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "signed_out"
    TOKEN_REUSED = "token_reused"
    PASSWORD_CHANGED = "password_changed"
    ERASED = "erased"


class UserNotFound(NotFound):
    code = "user-not-found"


class EmailTaken(Conflict):
    code = "email-taken"


class UsernameTaken(Conflict):
    code = "username-taken"


class PasswordTooWeak(InvalidField):
    code = "password-too-weak"


class NotAuthenticated(DomainError):
    """No credentials, or none that hold."""

    code = "not-authenticated"


class InvalidCredentials(NotAuthenticated):
    code = "invalid-credentials"


class TokenInvalid(NotAuthenticated):
    code = "token-invalid"


class TokenReused(NotAuthenticated):
    """A refresh token came a second time: it was stolen, so its whole family is dead."""

    code = "token-reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where goods or invoices go. `country` is ISO 3166 alpha-2."""

    full_name: str
    address_line1: str
    city: str
    postal_code: str
    country: str
    address_line2: str = ""
    state: str = ""
    phone_number: str = ""

    LIMITS: ClassVar[dict[str, int]] = {"full_name": 200, "address_line1": 200, "city": 100, "postal_code": 20}

    def check(self, pointer: str) -> None:
        """Raise InvalidField below `pointer` for what is empty, does not fit on a line, or is no country."""
        for name in self.__slots__:
            if CONTROL.search(getattr(self, name)):
                raise InvalidField(f"{pointer}/{name}", "invalid-text", "must be one line of text")
        for name in self.LIMITS:
            if not getattr(self, name).strip():
                raise InvalidField(f"{pointer}/{name}", "required", "must not be empty")
        if self.country not in COUNTRIES:
            raise InvalidField(f"{pointer}/country", "invalid-country", "must be an ISO 3166 alpha-2 code")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, and what they may. Nobody signed in is `Actor()`; the shop itself is `Actor.shop()`."""

    user: UserId | None = None
    roles: frozenset[Role] = frozenset()
    session: UUID | None = field(default=None, compare=False)  # in which they ask; the same person in any

    @classmethod
    def shop(cls) -> Self:
        """The shop's own jobs: everything is allowed."""
        return cls(roles=frozenset({Role.ADMIN}))

    @property
    def is_staff(self) -> bool:
        return bool(self.roles - {Role.CUSTOMER})

    def has(self, role: Role) -> bool:
        return role in self.roles or Role.ADMIN in self.roles

    def must_have(self, *roles: Role) -> None:
        """One of them."""
        if not any(self.has(role) for role in roles):
            raise Forbidden

    def must_be_user(self) -> UserId:
        """Raises NotAuthenticated for who is not signed in."""
        if self.user is None:
            raise NotAuthenticated
        return self.user

    def may_see(self, owner: UserId | None, role: Role) -> bool:
        """Whether it is theirs, or the role lets them see everybody's."""
        return self.has(role) or (self.user is not None and self.user == owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    user: UserId
    email: str


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
class UserErased(Event):
    user: UserId


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
        user.record(UserRegistered(user=id, email=user.email, at=at))
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

    def make_admin(self, password_hash: str, at: datetime) -> None:
        """Everything is theirs from now on, under this password, even where they had been locked out."""
        self.password_hash, self.is_active = password_hash, True
        self.roles.add(Role.ADMIN)
        self.record(UserChanged(user=self.id, fields=("is_active", "password", "roles"), at=at))


class Users(Protocol):
    """Repository of users."""

    async def get(self, id: UserId) -> User: ...

    async def take(self, id: UserId) -> User:
        """Locked."""
        ...

    async def find_by_email(self, email: str) -> User | None: ...

    async def save(self, user: User) -> None:
        """Raises EmailTaken or UsernameTaken."""
        ...


def normal_email(text: str, pointer: str = "/email") -> str:
    """The one spelling under which an address is kept. Raises InvalidField for what cannot be an address."""
    email = normalize("NFC", text.strip().lower())
    if len(email) > EMAIL_LENGTH or not email.isprintable() or not EMAIL.fullmatch(email):
        raise InvalidField(pointer, "invalid-email", "must be an e-mail address")
    return email


def check_password(password: str, email: str, common: frozenset[str], pointer: str = "/password") -> None:
    """Refuse what is guessed first: too short or long, common, or the user's own e-mail. Raises PasswordTooWeak."""
    lowered = password.lower()
    if len(password) not in PASSWORD_LENGTH:
        reason = "too-long" if password[PASSWORD_LENGTH.start :] else "too-short"
        raise PasswordTooWeak(pointer, reason, "must have 8 to 128 characters")
    if lowered in common or lowered in {email, email.partition("@")[0]}:
        raise PasswordTooWeak(pointer, "too-common", "is among the first that anybody would guess")
