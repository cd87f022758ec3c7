"""Who is asking, and as what."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, Self
from uuid import UUID

from domain.errors import DomainError

UserId = NewType("UserId", UUID)
GuestId = NewType("GuestId", bytes)  # the hash of the secret token that a guest's cart is known by

Owner = UserId | GuestId  # whose a cart is


class Role(StrEnum):
    CUSTOMER = "customer"
    CATALOG_MANAGER = "catalog_manager"
    ORDER_MANAGER = "order_manager"
    ANALYST = "analyst"
    ADMIN = "admin"


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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking, and what they may. Nobody signed in is `Actor()`; the shop itself is `Actor.shop()`."""

    user: UserId | None = None
    roles: frozenset[Role] = frozenset()
    session: UUID | None = field(default=None, compare=False)  # in which they ask; the same person in any
    version: int = field(default=0, compare=False)  # the user's, when what they show was issued
    key: UUID | None = None  # a program with an API key, and no user
    scopes: frozenset[str] = frozenset()  # of the key
    guest: GuestId | None = field(default=None, compare=False)  # of the cart token that they hold

    @classmethod
    def shop(cls) -> Self:
        """The shop's own jobs: everything is allowed."""
        return cls(roles=frozenset({Role.ADMIN}))

    @property
    def name(self) -> str | None:
        """What is written down of who it was; of nobody, nothing."""
        if self.key is not None:
            return f"key:{self.key}"
        return f"user:{self.user}" if self.user is not None else None

    @property
    def owner(self) -> Owner | None:
        """Whose cart is theirs."""
        return self.user if self.user is not None else self.guest

    @property
    def credentials(self) -> tuple[UUID, ...]:
        """What they show, each of which may be declared void."""
        return tuple(each for each in (self.user, self.session, self.key) if each is not None)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles - {Role.CUSTOMER})

    def must_be_user(self) -> UserId:
        """Raises NotAuthenticated for who is not signed in."""
        if self.user is None:
            raise NotAuthenticated
        return self.user

    def must_own(self) -> Owner:
        """Raises NotAuthenticated for who is not signed in and holds no cart token."""
        if self.owner is None:
            raise NotAuthenticated
        return self.owner

    def holds(self, guest: GuestId | None) -> bool:
        """Whether theirs is the token of that guest."""
        return guest is not None and self.guest == guest

    def owns(self, owner: UserId | None) -> bool:
        """Whether what is that user's is theirs."""
        return self.user is not None and self.user == owner
