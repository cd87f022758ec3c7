"""What every repository of sessions must do."""

import asyncio
import secrets
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from application.ports import Store
from domain.accounts import User, UserId
from domain.sessions import RefreshToken, Session

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
async def user(store: Store) -> UserId:
    user = User.register(UserId(uuid.uuid4()), f"{uuid.uuid4().hex}@example.com", "a hash", NOW)
    async with store.transaction() as tx:
        await tx.users.save(user)
    return user.id


def a_token(session: Session) -> RefreshToken:
    return RefreshToken(digest=secrets.token_bytes(32), session=session.id, created_at=NOW)


async def started(store: Store, user: UserId) -> tuple[Session, RefreshToken]:
    session = Session(id=uuid.uuid4(), user=user, expires_at=NOW + timedelta(days=7))
    token = a_token(session)
    async with store.transaction() as tx:
        await tx.sessions.start(session, token)
    return session, token


async def taken(store: Store, token: RefreshToken) -> tuple[Session, RefreshToken] | None:
    async with store.transaction() as tx:
        return await tx.sessions.take_by_token(token.digest)


async def test_a_session_comes_back_with_its_token(store: Store, user: UserId) -> None:
    session, token = await started(store, user)
    assert await taken(store, token) == (session, token)


async def test_each_token_leads_to_its_own_session(store: Store, user: UserId) -> None:
    first, second = await started(store, user), await started(store, user)
    assert [await taken(store, first[1]), await taken(store, second[1])] == [first, second]


async def test_an_unknown_token_leads_nowhere(store: Store) -> None:
    async with store.transaction() as tx:
        assert await tx.sessions.take_by_token(secrets.token_bytes(32)) is None
        assert await tx.sessions.find_token(secrets.token_bytes(32)) is None


async def test_a_spent_token_and_its_successor_come_back(store: Store, user: UserId) -> None:
    session, token = await started(store, user)
    successor = a_token(session)
    token.used_at, token.successor, token.sealed_successor = NOW, successor.digest, b"\x00sealed\xff"
    async with store.transaction() as tx:
        await tx.sessions.save(session, token, successor)
    assert await taken(store, token) == (session, token)
    assert await taken(store, successor) == (session, successor)
    async with store.transaction() as tx:
        assert await tx.sessions.find_token(successor.digest) == successor


async def test_an_end_comes_back_and_touches_no_other_session(store: Store, user: UserId) -> None:
    (session, token), other = await started(store, user), await started(store, user)
    session.revoked_at = NOW
    async with store.transaction() as tx:
        await tx.sessions.save(session)
    assert await taken(store, token) == (session, token)
    assert await taken(store, other[1]) == other


async def test_what_comes_back_is_a_copy(store: Store, user: UserId) -> None:
    _, token = await started(store, user)
    copy = await taken(store, token)
    assert copy is not None
    copy[0].revoked_at = copy[1].used_at = NOW
    token.used_at = NOW
    again = await taken(store, token)
    assert again is not None
    assert (again[0].revoked_at, again[1].used_at) == (None, None)


async def test_what_fails_leaves_nothing(store: Store, user: UserId) -> None:
    session, token = await started(store, user)
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            token.used_at = session.revoked_at = NOW
            await tx.sessions.save(session, token)
            raise ZeroDivisionError
    again = await taken(store, token)
    assert again is not None
    assert (again[0].revoked_at, again[1].used_at) == (None, None)


async def test_of_twenty_who_spend_a_token_at_once_one_finds_it_unspent(store: Store, user: UserId) -> None:
    _, token = await started(store, user)

    async def spend() -> bool:
        async with store.transaction() as tx:
            found = await tx.sessions.take_by_token(token.digest)
            assert found is not None
            await asyncio.sleep(0)
            session, mine = found
            fresh = mine.used_at is None
            if fresh:
                mine.used_at = NOW
                await tx.sessions.save(session, mine)
            return fresh

    assert sorted(await asyncio.gather(*(spend() for _ in range(20)))) == [False] * 19 + [True]
