"""Other people's accounts, for who manages them."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from application.accounts.revocations import TellRevocations
from application.accounts.sessions import end_sessions
from application.accounts.users import UserView, UserViews, user_view
from application.ports import Clock, Page, PageRequest, Store, Wake
from domain.accounts import Actor, Ending, LastAdmin, Permission, Role, UserId, UserNotFound, must, normal_email


class UserChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is not named stays as it is. Everybody is a customer, whether or not `roles` says so."""

    is_active: bool | UnsetType = UNSET
    roles: list[Role] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class ListUsers:
    users: UserViews

    async def __call__(self, who: Actor, q: str | None, page: PageRequest) -> Page[UserView]:
        must(who, Permission.MANAGE_USERS)
        return await self.users.list(q, page)


@dataclass(frozen=True, slots=True)
class ShowUser:
    users: UserViews

    async def __call__(self, who: Actor, id: UserId) -> UserView:
        must(who, Permission.MANAGE_USERS)
        return await self.users.get(id)


@dataclass(frozen=True, slots=True)
class ChangeUser:
    """Counts from the user's next request on. Raises UserNotFound or LastAdmin."""

    store: Store
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, id: UserId, changes: UserChanges) -> UserView:
        must(who, Permission.MANAGE_USERS)
        async with self.store.transaction() as tx:
            user = await tx.users.take(id)
            was_admin = user.is_admin
            if changes.roles is not UNSET:
                user.change_roles(changes.roles, who, self.clock())
            if changes.is_active is True:
                user.enable(who, self.clock())
            if changes.is_active is False:
                user.disable(who, self.clock())
                await end_sessions(tx, user, Ending.DISABLED, self.clock())
            if was_admin and not user.is_admin and not await tx.users.other_admins(id):
                raise LastAdmin
            await tx.users.save(user)
        await self.tell(id)
        self.wake()
        return user_view(user)


@dataclass(frozen=True, slots=True)
class ChangeUserByEmail:
    """As the command line does it. Raises UserNotFound, LastAdmin, InvalidField."""

    store: Store
    change: ChangeUser

    async def __call__(
        self,
        who: Actor,
        email: str,
        *,
        is_active: bool | UnsetType = UNSET,
        add: Iterable[Role] = (),
        remove: Iterable[Role] = (),
    ) -> UserView:
        async with self.store.transaction() as tx:
            user = await tx.users.find_by_email(normal_email(email))
        if user is None:
            raise UserNotFound
        roles = sorted((user.roles | {*add}) - {*remove}) if add or remove else UNSET
        return await self.change(who, user.id, UserChanges(is_active=is_active, roles=roles))
