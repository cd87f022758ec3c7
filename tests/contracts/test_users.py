"""What every repository of users must do, and every view of them show."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from dishka import AsyncContainer

from application.accounts.users import UserView, UserViews
from application.ports import StaleWrite, Store
from domain.accounts import EmailTaken, Role, User, UserId, UsernameTaken, UserNotFound

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


def a_user(email: str | None = None, **profile: Any) -> User:
    address = email or f"{uuid.uuid4().hex}@example.com"
    return User.register(UserId(uuid.uuid4()), address, "a hash", NOW, (Role.CUSTOMER,), **profile)


def a_name() -> str:
    return uuid.uuid4().hex


async def saved(store: Store, user: User) -> User:
    async with store.transaction() as tx:
        await tx.users.save(user)
    return user


async def loaded(store: Store, id: UserId) -> User:
    async with store.transaction() as tx:
        return await tx.users.get(id)


def known(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in User.__dataclass_fields__}


@pytest.fixture
async def views(container: AsyncContainer) -> UserViews:
    views: UserViews = await container.get(UserViews)
    return views


async def test_a_user_comes_back_as_it_was_saved(store: Store) -> None:
    user = a_user(username=a_name(), first_name="Zoë", last_name="O'Neil", phone_number="+49 30 1234")
    user.roles |= {Role.ANALYST, Role.ADMIN}
    user.preferred_language, user.email_verified, user.is_active = "de", True, False
    await saved(store, user)
    again = await loaded(store, user.id)
    assert known(again) == known(user)
    assert (again.version, again.events) == (1, [])


async def test_a_change_comes_back_and_counts_the_events(store: Store) -> None:
    user = await saved(store, a_user(first_name="Ada"))
    user.change_profile({"first_name": "Augusta", "username": None}, NOW)
    user.make_admin("another hash", NOW)
    await saved(store, user)
    again = await loaded(store, user.id)
    assert (again.first_name, again.password_hash, again.roles) == (
        "Augusta",
        "another hash",
        {Role.CUSTOMER, Role.ADMIN},
    )
    assert again.version == user.version == 3


async def test_what_is_no_event_leaves_the_version(store: Store) -> None:
    user = await saved(store, a_user())
    user.password_hash = "the same password, hashed anew"
    await saved(store, user)
    again = await loaded(store, user.id)
    assert (again.password_hash, again.version) == ("the same password, hashed anew", 1)


async def test_a_loaded_user_is_a_copy(store: Store) -> None:
    user = await saved(store, a_user(first_name="Ada"))
    user.first_name = "changed after it was saved"
    copy = await loaded(store, user.id)
    copy.first_name = "changed and never saved"
    copy.roles.add(Role.ADMIN)
    again = await loaded(store, user.id)
    assert (again.first_name, again.roles) == ("Ada", {Role.CUSTOMER})


async def test_who_is_not_there_is_not_found(store: Store) -> None:
    async with store.transaction() as tx:
        with pytest.raises(UserNotFound):
            await tx.users.get(UserId(uuid.uuid4()))
        with pytest.raises(UserNotFound):
            await tx.users.take(UserId(uuid.uuid4()))
        assert await tx.users.find_by_email(f"{a_name()}@example.com") is None


async def test_a_user_is_found_by_the_address(store: Store) -> None:
    user = await saved(store, a_user())
    async with store.transaction() as tx:
        found = await tx.users.find_by_email(user.email)
    assert found is not None
    assert known(found) == known(user)


async def test_a_user_can_be_seen_in_the_transaction_that_saved_it(store: Store) -> None:
    user = a_user()
    async with store.transaction() as tx:
        await tx.users.save(user)
        assert (await tx.users.take(user.id)).email == user.email


async def test_an_address_is_taken_once(store: Store) -> None:
    first = await saved(store, a_user())
    with pytest.raises(EmailTaken):
        await saved(store, a_user(first.email))


async def test_a_name_is_taken_once_and_by_a_change_too(store: Store) -> None:
    first = await saved(store, a_user(username=a_name()))
    with pytest.raises(UsernameTaken):
        await saved(store, a_user(username=first.username))
    other = await saved(store, a_user(username=a_name()))
    other.change_profile({"username": first.username}, NOW)
    with pytest.raises(UsernameTaken):
        await saved(store, other)
    assert (await loaded(store, other.id)).username != first.username


async def test_any_number_may_have_no_name(store: Store) -> None:
    await saved(store, a_user())
    await saved(store, a_user())


async def test_of_two_who_loaded_the_same_the_second_to_save_is_stale(store: Store) -> None:
    user = await saved(store, a_user())
    one, other = await loaded(store, user.id), await loaded(store, user.id)
    one.change_profile({"first_name": "One"}, NOW)
    other.change_profile({"first_name": "Other"}, NOW)
    await saved(store, one)
    with pytest.raises(StaleWrite):
        await saved(store, other)
    assert (await loaded(store, user.id)).first_name == "One"


async def test_an_id_is_given_once(store: Store) -> None:
    user = await saved(store, a_user())
    with pytest.raises(StaleWrite):
        await saved(store, User.register(user.id, f"{a_name()}@example.com", "a hash", NOW))


async def test_what_fails_leaves_nothing(store: Store) -> None:
    user = a_user()
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            await tx.users.save(user)
            raise ZeroDivisionError
    with pytest.raises(UserNotFound):
        await loaded(store, user.id)


async def test_of_twenty_who_want_one_address_at_once_one_gets_it(store: Store) -> None:
    email = f"{a_name()}@example.com"
    outcomes = await asyncio.gather(*(saved(store, a_user(email)) for _ in range(20)), return_exceptions=True)
    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(User), kinds.count(EmailTaken)) == (1, 19)


async def test_who_takes_waits_for_the_turn(store: Store) -> None:
    user = await saved(store, a_user())

    async def lengthen() -> None:
        async with store.transaction() as tx:
            mine = await tx.users.take(user.id)
            await asyncio.sleep(0)
            mine.change_profile({"last_name": f"{mine.last_name}x"}, NOW)
            await tx.users.save(mine)

    await asyncio.gather(*(lengthen() for _ in range(12)))
    again = await loaded(store, user.id)
    assert (again.last_name, again.version) == ("x" * 12, 13)


async def test_a_view_shows_what_was_saved(store: Store, views: UserViews) -> None:
    user = a_user(username=a_name(), first_name="Ada", last_name="Lovelace", phone_number="+44 20 1234")
    user.roles.add(Role.ADMIN)
    await saved(store, user)
    assert await views.get(user.id) == UserView(
        id=user.id,
        email=user.email,
        username=user.username,
        first_name="Ada",
        last_name="Lovelace",
        phone_number="+44 20 1234",
        is_active=True,
        is_staff=True,
        roles=[Role.ADMIN, Role.CUSTOMER],
        email_verified=False,
        preferred_language="en",
        date_joined=NOW,
    )


async def test_there_is_no_view_of_who_is_not_there(views: UserViews) -> None:
    with pytest.raises(UserNotFound):
        await views.get(UserId(uuid.uuid4()))
