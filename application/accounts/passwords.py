"""Passwords: changing the one that is known, and replacing the one that is forgotten."""

from dataclasses import dataclass

import msgspec

from application.accounts.revocations import TellRevocations
from application.accounts.sessions import end_sessions
from application.ports import Clock, NewId, Passwords, RefreshSecrets, Store, Wake
from domain.accounts import Actor, Ending, check_password, normal_email
from domain.errors import InvalidField
from domain.links import LinkInvalid, Purpose, ResetRequest, ResetRequestId

NEW = "/new_password"


class PasswordChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    old_password: str
    new_password: str


class ResetWish(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    email: str


class NewPassword(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """`token` is that of the mailed link."""

    token: str
    new_password: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """All other sessions end. Raises InvalidField for a wrong old one, PasswordTooWeak."""

    store: Store
    passwords: Passwords
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, change: PasswordChange) -> None:
        async with self.store.transaction() as tx:
            verified = await tx.users.get(who.must_be_user())
        if not await self.passwords.verify(change.old_password, verified.password_hash):
            raise InvalidField("/old_password", "wrong-password", "is not the present password")
        check_password(change.new_password, verified.email, self.passwords.common, NEW)
        hashed, now = await self.passwords.hash(change.new_password), self.clock()
        async with self.store.transaction() as tx:
            user = await tx.users.take(verified.id)
            if user.password_hash != verified.password_hash:  # somebody was quicker
                raise InvalidField("/old_password", "wrong-password", "is not the present password")
            user.change_password(hashed, now)
            await end_sessions(tx, user, Ending.PASSWORD_CHANGED, now, but=who.session)
            await tx.links.void(user.id, Purpose.RESET_PASSWORD)
            await tx.users.save(user)
        await self.tell(user.id)
        self.wake()


@dataclass(frozen=True, slots=True)
class RequestPasswordReset:
    """Does the same whether or not somebody has the address; whoever has it gets a mail, from the worker."""

    store: Store
    clock: Clock
    new_id: NewId
    wake: Wake

    async def __call__(self, wish: ResetWish) -> None:
        email = normal_email(wish.email)
        async with self.store.transaction() as tx:
            user = await tx.users.find_by_email(email)
            request = ResetRequest.of(ResetRequestId(self.new_id()), user.id if user else None, self.clock())
            await tx.links.request_reset(request)
        self.wake()


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Sets a new password by a mailed link; all sessions end. Raises LinkInvalid or PasswordTooWeak."""

    store: Store
    passwords: Passwords
    secrets: RefreshSecrets
    tell: TellRevocations
    clock: Clock
    wake: Wake

    async def __call__(self, wish: NewPassword) -> None:
        digest = self.secrets.digest(wish.token)
        async with self.store.transaction() as tx:
            link = await tx.links.find(digest)
        if link is None or link.purpose is not Purpose.RESET_PASSWORD:
            raise LinkInvalid
        check_password(wish.new_password, link.email, self.passwords.common, NEW)
        hashed, now = await self.passwords.hash(wish.new_password), self.clock()
        async with self.store.transaction() as tx:
            user = await tx.users.take(link.user)
            if not user.is_active or user.email != link.email or not await tx.links.spend(digest):
                raise LinkInvalid
            await tx.links.void(user.id, Purpose.RESET_PASSWORD)
            user.confirm_email(link.email, now)
            user.change_password(hashed, now)
            await end_sessions(tx, user, Ending.PASSWORD_CHANGED, now)
            await tx.users.save(user)
        await self.tell(user.id)
        self.wake()
