"""Opening an account and signing in: every rule, on memory and on PostgreSQL."""

import asyncio
import uuid

import pytest

from adapters.security.passwords import Argon2Passwords
from application.accounts.registering import Registration
from application.accounts.sessions import Credentials
from application.accounts.users import UserView
from application.ports import Store
from domain.accounts import (
    Actor,
    EmailTaken,
    InvalidCredentials,
    PasswordTooWeak,
    Role,
    TokenInvalid,
    UsernameTaken,
)
from domain.errors import InvalidField
from tests.application.accounts.desk import NOON, PASSWORD, Desk, an_address


async def test_who_registers_can_sign_in(desk: Desk) -> None:
    email, name = an_address(), uuid.uuid4().hex
    form = Registration(
        email=email.upper(),
        password=PASSWORD,
        password2=PASSWORD,
        username=name,
        first_name="Ada",
        last_name="Lovelace",
        phone_number="+44 20 1234",
    )
    view = await desk.register(form)
    assert view == UserView(
        id=view.id,
        email=email,
        username=name,
        first_name="Ada",
        last_name="Lovelace",
        phone_number="+44 20 1234",
        is_active=True,
        is_staff=False,
        roles=[Role.CUSTOMER],
        email_verified=False,
        preferred_language="en",
        date_joined=NOON,
    )
    signed_in = await desk.log_in(Credentials(email=f" {email.title()} ", password=PASSWORD))
    assert signed_in.user == view
    assert desk.tokens.actor(signed_in.access) == Actor(view.id, frozenset({Role.CUSTOMER}))


async def test_only_a_hash_of_the_password_is_kept(desk: Desk) -> None:
    user = await desk.user(await desk.has())
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


async def test_the_repeated_password_must_be_the_same(desk: Desk) -> None:
    with pytest.raises(InvalidField) as refusal:
        await desk.register(Registration(email=an_address(), password=PASSWORD, password2=PASSWORD.upper()))
    assert (refusal.value.pointer, refusal.value.reason) == ("/password2", "mismatch")


@pytest.mark.parametrize(
    "password", ["short", "x" * 129, "Password123", "qwertyuiop", "12345678", "Ada.Byron@Example.com"]
)
async def test_a_weak_password_opens_no_account(desk: Desk, password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        await desk.register(Registration(email="ada.byron@example.com", password=password))
    async with desk.store.transaction() as tx:
        assert await tx.users.find_by_email("ada.byron@example.com") is None


async def test_an_address_and_a_name_are_taken_once(desk: Desk) -> None:
    email, name = an_address(), uuid.uuid4().hex
    await desk.register(Registration(email=email, password=PASSWORD, username=name))
    with pytest.raises(EmailTaken):
        await desk.register(Registration(email=email.upper(), password=PASSWORD))
    with pytest.raises(UsernameTaken):
        await desk.register(Registration(email=an_address(), password=PASSWORD, username=name))


async def test_of_ten_who_register_one_address_at_once_one_does(desk: Desk) -> None:
    email = an_address()
    outcomes = await asyncio.gather(*(desk.has(email) for _ in range(10)), return_exceptions=True)
    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(UserView), kinds.count(EmailTaken)) == (1, 9)


async def test_whoever_cannot_sign_in_hears_the_same(desk: Desk) -> None:
    known, disabled = await desk.has(), await desk.has()
    await desk.disable(disabled)
    for email, password in [
        (known.email, "a lamp in the cellar"),
        (known.email, ""),
        (known.email, "x" * 10_000),
        (an_address(), PASSWORD),
        (disabled.email, PASSWORD),
    ]:
        with pytest.raises(InvalidCredentials) as refusal:
            await desk.log_in(Credentials(email=email, password=password))
        assert (type(refusal.value), str(refusal.value)) == (InvalidCredentials, "invalid-credentials")


async def test_an_unknown_address_costs_a_hash_too(store: Store) -> None:
    asked: list[str | None] = []

    class Counting(Argon2Passwords):
        async def verify(self, password: str, hash: str | None) -> bool:
            asked.append(hash)
            return await super().verify(password, hash)

    desk = Desk(store, passwords=Counting(memory=16, time=1))
    with pytest.raises(InvalidCredentials):
        await desk.log_in(Credentials(email=an_address(), password=PASSWORD))
    assert asked == [None]


async def test_an_old_hash_is_renewed_when_its_password_is_known(store: Store) -> None:
    old, new = Desk(store), Desk(store, passwords=Argon2Passwords(memory=32, time=1))
    view = await old.has()
    before = await old.user(view)
    with pytest.raises(InvalidCredentials):
        await new.log_in(Credentials(email=view.email, password="a lamp in the cellar"))
    assert (await old.user(view)).password_hash == before.password_hash
    await new.log_in(Credentials(email=view.email, password=PASSWORD))
    renewed = await old.user(view)
    assert "m=16," in before.password_hash
    assert "m=32," in renewed.password_hash
    assert renewed.version == before.version
    await new.log_in(Credentials(email=view.email, password=PASSWORD))
    assert (await old.user(view)).password_hash == renewed.password_hash


async def test_a_password_that_was_changed_meanwhile_opens_nothing(store: Store) -> None:
    class Meanwhile(Argon2Passwords):
        async def verify(self, password: str, hash: str | None) -> bool:
            right = await super().verify(password, hash)
            await desk.create_admin(view.email, "a lamp in the kitchen")
            return right

    desk = Desk(store, passwords=Meanwhile(memory=16, time=1))
    view = await desk.has()
    with pytest.raises(InvalidCredentials):
        await desk.log_in(Credentials(email=view.email, password=PASSWORD))


async def test_every_login_is_a_session_of_its_own(desk: Desk) -> None:
    first = await desk.signed_in()
    second = await desk.log_in(Credentials(email=first.user.email, password=PASSWORD))
    await desk.log_out(first.refresh)
    with pytest.raises(TokenInvalid):
        await desk.refresh(first.refresh)
    assert (await desk.refresh(second.refresh)).refresh != second.refresh
