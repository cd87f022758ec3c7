"""Users as they are looked at, and one's own profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from application.ports import Clock, Page, PageRequest, Store
from domain.accounts import Actor, Role, User, UserId

Name = Annotated[str, Meta(max_length=150, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Username = Annotated[str, Meta(min_length=1, max_length=150, pattern=r"^[A-Za-z0-9_.@+-]+$(?!\n)")]
PhoneNumber = Annotated[str, Meta(max_length=32, pattern=r"^([+(0-9][0-9 ()./-]*)?$(?!\n)")]


class ProfileChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is not named stays as it is."""

    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    phone_number: PhoneNumber | UnsetType = UNSET
    username: Username | UnsetType | None = UNSET
    preferred_language: str | UnsetType = UNSET


class UserView(msgspec.Struct, kw_only=True):
    """A user as the user and staff see it."""

    id: UserId
    email: str
    username: str | None
    first_name: str
    last_name: str
    phone_number: str
    is_active: bool
    is_staff: bool
    roles: list[Role]
    email_verified: bool
    preferred_language: str
    date_joined: datetime


class UserViews(Protocol):
    async def get(self, id: UserId) -> UserView:
        """Raises UserNotFound."""
        ...

    async def list(self, q: str | None, page: PageRequest) -> Page[UserView]:
        """Newest first; with `q`, those in whose address, user name or name it is."""
        ...

    async def emails(self, role: Role) -> Sequence[str]:
        """Where active users with that role are written to."""
        ...


def user_view(user: User) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        phone_number=user.phone_number,
        is_active=user.is_active,
        is_staff=user.is_staff,
        roles=sorted(user.roles),
        email_verified=user.email_verified,
        preferred_language=user.preferred_language,
        date_joined=user.date_joined,
    )


@dataclass(frozen=True, slots=True)
class ChangeProfile:
    """Raises InvalidField or UsernameTaken."""

    store: Store
    clock: Clock

    async def __call__(self, who: Actor, changes: ProfileChanges) -> UserView:
        named = {name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET}
        async with self.store.transaction() as tx:
            user = await tx.users.take(who.must_be_user())
            user.change_profile(named, self.clock())
            await tx.users.save(user)
        return user_view(user)
