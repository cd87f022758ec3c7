"""Registering: how there come to be accounts."""

from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

from application.accounts.revocations import TellRevocations
from application.accounts.users import Name, PhoneNumber, Username, UserView, user_view
from application.cart import merge_carts
from application.ports import Clock, NewId, Passwords, Store, Wake
from domain.accounts import GuestId, Role, User, UserId, check_password, normal_email
from domain.errors import InvalidField


class Registration(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    email: str
    password: str
    password2: str | UnsetType = UNSET
    username: Username | None = None
    first_name: Name = ""
    last_name: Name = ""
    phone_number: PhoneNumber = ""


@dataclass(frozen=True, slots=True)
class Register:
    """Open an account. Raises InvalidField, PasswordTooWeak, EmailTaken or UsernameTaken."""

    store: Store
    passwords: Passwords
    clock: Clock
    new_id: NewId
    wake: Wake

    async def __call__(self, form: Registration, guest: GuestId | None = None) -> UserView:
        if form.password2 not in (UNSET, form.password):
            raise InvalidField("/password2", "mismatch", "must equal the password")
        check_password(form.password, normal_email(form.email), self.passwords.common)
        user = User.register(
            UserId(self.new_id()),
            form.email,
            await self.passwords.hash(form.password),
            self.clock(),
            username=form.username,
            first_name=form.first_name,
            last_name=form.last_name,
            phone_number=form.phone_number,
        )
        async with self.store.transaction() as tx:
            await tx.users.save(user)
            await merge_carts(tx, guest, user.id, self.new_id, self.clock())
        self.wake()
        return user_view(user)


@dataclass(frozen=True, slots=True)
class CreateAdmin:
    """Make sure that there is an administrator of this address with this password. Safe to repeat."""

    store: Store
    passwords: Passwords
    tell: TellRevocations
    clock: Clock
    new_id: NewId

    async def __call__(self, email: str, password: str) -> UserView:
        email = normal_email(email)
        check_password(password, email, self.passwords.common)
        hashed, now = await self.passwords.hash(password), self.clock()
        async with self.store.transaction() as tx:
            user = await tx.users.find_by_email(email)
            if user is None:
                user = User.register(UserId(self.new_id()), email, hashed, now, (Role.CUSTOMER, Role.ADMIN))
                user.email_verified = True  # by who runs the shop
            else:
                user = await tx.users.take(user.id)
                user.make_admin(hashed, now)
            await tx.users.save(user)
        await self.tell(user.id)
        return user_view(user)
