"""E-mail addresses: verified by a mailed link, changed by another."""

from dataclasses import dataclass

import msgspec

from application.ports import Clock, Passwords, RefreshSecrets, Store, Wake
from domain.accounts import Actor, normal_email
from domain.errors import InvalidField
from domain.links import OF_EMAIL, LinkInvalid, Purpose


class EmailChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    new_email: str
    password: str


@dataclass(frozen=True, slots=True)
class RequestEmailChange:
    """The new address gets a link, the old one a notice. Whether somebody else has it, the caller is not told."""

    store: Store
    passwords: Passwords
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, change: EmailChange) -> None:
        """Raises InvalidField."""
        email = normal_email(change.new_email, "/new_email")
        async with self.store.transaction() as tx:
            user = await tx.users.get(who.must_be_user())
        if not await self.passwords.verify(change.password, user.password_hash):
            raise InvalidField("/password", "wrong-password", "is not the present password")
        async with self.store.transaction() as tx:
            user = await tx.users.take(user.id)
            user.request_email(email, self.clock())
            await tx.users.save(user)
        self.wake()


@dataclass(frozen=True, slots=True)
class ConfirmEmail:
    """Takes the token of a mailed link: of the first address, or of a new one. Raises LinkInvalid, EmailTaken."""

    store: Store
    secrets: RefreshSecrets
    clock: Clock
    wake: Wake

    async def __call__(self, token: str) -> None:
        digest = self.secrets.digest(token)
        async with self.store.transaction() as tx:
            link = await tx.links.find(digest)
            if link is None or link.purpose not in OF_EMAIL:
                raise LinkInvalid
            user = await tx.users.take(link.user)
            is_stale = link.purpose is Purpose.VERIFY_EMAIL and user.email != link.email
            if is_stale or not user.is_active or not await tx.links.spend(digest):
                raise LinkInvalid
            user.confirm_email(link.email, self.clock())
            await tx.links.void(user.id, link.purpose)
            await tx.users.save(user)
        self.wake()
