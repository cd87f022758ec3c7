"""One's own profile, and administrators."""

import asyncio
import uuid

import pytest

from application.accounts.registering import Registration
from application.accounts.sessions import Credentials
from application.accounts.users import ProfileChanges
from domain.accounts import (
    Actor,
    InvalidCredentials,
    NotAuthenticated,
    PasswordTooWeak,
    Role,
    UsernameTaken,
)
from domain.errors import InvalidField
from tests.application.accounts.desk import PASSWORD, Desk, actor, an_address


async def test_a_change_touches_the_named_fields_only(desk: Desk) -> None:
    view = await desk.register(Registration(email=an_address(), password=PASSWORD, first_name="Ada", last_name="Byron"))
    changed = await desk.change_profile(actor(view), ProfileChanges(last_name="Lovelace", preferred_language="fr"))
    assert (changed.first_name, changed.last_name, changed.preferred_language) == ("Ada", "Lovelace", "fr")
    assert (await desk.user(view)).last_name == "Lovelace"


async def test_changes_of_different_fields_at_once_all_stay(desk: Desk) -> None:
    view = await desk.has()
    name = uuid.uuid4().hex
    await asyncio.gather(
        desk.change_profile(actor(view), ProfileChanges(first_name="Ada")),
        desk.change_profile(actor(view), ProfileChanges(last_name="Lovelace")),
        desk.change_profile(actor(view), ProfileChanges(phone_number="123")),
        desk.change_profile(actor(view), ProfileChanges(preferred_language="de")),
        desk.change_profile(actor(view), ProfileChanges(username=name)),
    )
    user = await desk.user(view)
    assert (user.first_name, user.last_name, user.phone_number) == ("Ada", "Lovelace", "123")
    assert (user.preferred_language, user.username, user.version) == ("de", name, 6)


async def test_a_name_can_be_given_up_and_taken_by_another(desk: Desk) -> None:
    one, other = await desk.has(), await desk.has()
    name = uuid.uuid4().hex
    await desk.change_profile(actor(one), ProfileChanges(username=name))
    with pytest.raises(UsernameTaken):
        await desk.change_profile(actor(other), ProfileChanges(username=name))
    assert (await desk.change_profile(actor(one), ProfileChanges(username=None))).username is None
    assert (await desk.change_profile(actor(other), ProfileChanges(username=name))).username == name


async def test_nobody_has_no_profile(desk: Desk) -> None:
    with pytest.raises(NotAuthenticated):
        await desk.change_profile(Actor(), ProfileChanges(first_name="Nobody"))


async def test_an_admin_is_created_once_and_given_the_password_again(desk: Desk) -> None:
    email = an_address()
    first = await desk.create_admin(email, "a lamp in the attic")
    second = await desk.create_admin(email.upper(), "a lamp in the kitchen")
    assert (first.id, first.roles, first.is_staff) == (second.id, [Role.ADMIN, Role.CUSTOMER], True)
    with pytest.raises(InvalidCredentials):
        await desk.log_in(Credentials(email=email, password="a lamp in the attic"))
    signed_in = await desk.log_in(Credentials(email=email, password="a lamp in the kitchen"))
    assert Role.ADMIN in desk.tokens.actor(signed_in.access).roles


async def test_a_customer_is_promoted_and_let_in_again(desk: Desk) -> None:
    view = await desk.has()
    await desk.disable(view)
    promoted = await desk.create_admin(view.email, PASSWORD)
    assert (promoted.id, promoted.roles, promoted.is_active) == (view.id, [Role.ADMIN, Role.CUSTOMER], True)
    await desk.log_in(Credentials(email=view.email, password=PASSWORD))


async def test_an_admin_needs_a_strong_password_and_an_address(desk: Desk) -> None:
    with pytest.raises(PasswordTooWeak):
        await desk.create_admin(an_address(), "admin123")
    with pytest.raises(InvalidField):
        await desk.create_admin("admin", PASSWORD)
