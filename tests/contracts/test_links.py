"""What every repository of mailed links must do."""

import asyncio
import secrets
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from application.ports import Store
from domain.accounts import User, UserId
from domain.links import Link, Purpose, ResetRequest, ResetRequestId

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def user(store: Store) -> UserId:
    user = User.register(UserId(uuid.uuid4()), f"{uuid.uuid4().hex}@example.com", "a hash", NOW)
    async with store.transaction() as tx:
        await tx.users.save(user)
    return user.id


def a_link(user: UserId, purpose: Purpose = Purpose.RESET_PASSWORD) -> Link:
    return Link(digest=secrets.token_bytes(32), user=user, purpose=purpose, email="ada@example.com")


async def mailed(store: Store, link: Link, lifetime: timedelta = HOUR) -> Link:
    async with store.transaction() as tx:
        await tx.links.add(link, lifetime)
    return link


async def found(store: Store, link: Link) -> Link | None:
    async with store.transaction() as tx:
        return await tx.links.find(link.digest)


async def spent(store: Store, link: Link) -> bool:
    async with store.transaction() as tx:
        return await tx.links.spend(link.digest)


async def test_a_link_comes_back_and_works_once(store: Store, user: UserId) -> None:
    link = await mailed(store, a_link(user))
    assert await found(store, link) == link
    assert [await spent(store, link), await spent(store, link)] == [True, False]
    assert await found(store, link) is None


async def test_an_unknown_one_never_works(store: Store, user: UserId) -> None:
    assert await found(store, a_link(user)) is None
    assert not await spent(store, a_link(user))


async def test_it_works_no_longer_than_its_lifetime(store: Store, user: UserId) -> None:
    link = await mailed(store, a_link(user), timedelta())
    assert await found(store, link) is None
    assert not await spent(store, link)


async def test_voiding_ends_all_of_one_purpose_of_one_user(store: Store, user: UserId) -> None:
    links = [await mailed(store, a_link(user)) for _ in range(2)]
    other = await mailed(store, a_link(user, Purpose.VERIFY_EMAIL))
    async with store.transaction() as tx:
        await tx.links.void(user, Purpose.RESET_PASSWORD)
    assert [await found(store, link) for link in (*links, other)] == [None, None, other]


async def test_of_twenty_who_use_it_at_once_one_can(store: Store, user: UserId) -> None:
    link = await mailed(store, a_link(user))
    assert sorted(await asyncio.gather(*(spent(store, link) for _ in range(20)))) == [False] * 19 + [True]


async def test_what_fails_leaves_it_unspent(store: Store, user: UserId) -> None:
    link = await mailed(store, a_link(user))
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            assert await tx.links.spend(link.digest)
            raise ZeroDivisionError
    assert await spent(store, link)


async def test_a_wish_for_a_new_password_leaves_an_event_and_nothing_else(store: Store, user: UserId) -> None:
    for of in (user, None):
        request = ResetRequest.of(ResetRequestId(uuid.uuid4()), of, NOW)
        async with store.transaction() as tx:
            await tx.links.request_reset(request)
        assert (request.version, request.events) == (1, [])
