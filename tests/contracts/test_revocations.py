"""What every board of void credentials must do, and every truth behind it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from dishka import AsyncContainer
from redis.asyncio import Redis

from adapters.memory.revocations import MemoryNotices
from adapters.redis.connection import connect
from adapters.redis.revocations import PREFIX, TRUSTED, WHOLE, RedisNotices
from application.accounts.revocations import OVER, CheckStanding, Notices, Standings
from application.ports import Store, Unavailable
from domain.accounts import Actor, Permission, Role, TokenInvalid, User, UserId
from domain.api_keys import ApiKey, ApiKeyId
from domain.sessions import RefreshToken, Session

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with connect(redis_url) as redis:
        yield redis


@pytest.fixture(params=["memory", "redis"])
async def notices(request: pytest.FixtureRequest) -> AsyncIterator[Notices]:
    if request.param == "memory":
        yield MemoryNotices()
        return
    async with connect(request.getfixturevalue("redis_url")) as redis:
        made = RedisNotices(redis, QUARTER)
        await made.post({}, whole=True)
        yield made


async def test_nothing_is_void_until_it_is_posted(notices: Notices) -> None:
    ann, bob = uuid4(), uuid4()
    assert await notices.floors([ann, bob]) == [0, 0]
    await notices.post({bob: 7})
    assert await notices.floors([ann, bob]) == [0, 7]
    assert await notices.floors([bob]) == [7]


async def test_a_floor_never_sinks(notices: Notices) -> None:
    ann = uuid4()
    for floor, expected in ((5, 5), (4, 5), (5, 5), (6, 6), (OVER, OVER), (7, OVER)):
        await notices.post({ann: floor})
        assert await notices.floors([ann]) == [expected]


async def test_who_asks_at_once_gets_each_their_own_answer(notices: Notices) -> None:
    users = [uuid4() for _ in range(300)]
    await notices.post({user: n for n, user in enumerate(users) if n})
    found = await asyncio.gather(*(notices.floors([user, uuid4()]) for user in users))
    assert found == [[n, 0] for n in range(300)]


async def test_who_hangs_up_mixes_up_nobody(notices: Notices) -> None:
    users = [uuid4() for _ in range(30)]
    await notices.post({user: n + 1 for n, user in enumerate(users)})
    asking = [asyncio.create_task(_floors(notices, user)) for user in users]
    await asyncio.sleep(0)
    for task in asking[::3]:
        task.cancel()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert [each for n, each in enumerate(found) if n % 3] == [[n + 1] for n in range(30) if n % 3]


async def _floors(notices: Notices, user: UUID) -> list[int]:
    return list(await notices.floors([user]))


async def test_a_notice_stays_as_long_as_a_token_lives(redis: Redis) -> None:
    ann = uuid4()
    await RedisNotices(redis, QUARTER).post({ann: 3}, whole=True)
    assert 0 < await redis.pttl(f"{PREFIX}{ann}") <= QUARTER.total_seconds() * 1000
    assert 0 < await redis.ttl(WHOLE) <= TRUSTED


async def test_a_board_that_lost_its_notices_says_nothing_until_it_is_whole(redis: Redis) -> None:
    notices, ann = RedisNotices(redis, QUARTER), uuid4()
    await notices.post({ann: 3}, whole=True)
    await redis.delete(WHOLE, f"{PREFIX}{ann}")
    with pytest.raises(Unavailable):
        await notices.floors([ann])
    await notices.post({ann: 3})
    with pytest.raises(Unavailable):
        await notices.floors([ann])
    await notices.post({ann: 3}, whole=True)
    assert await notices.floors([ann]) == [3]


async def test_who_could_not_reach_the_board_does_not_trust_it_before_it_is_whole_again(redis: Redis) -> None:
    notices, ann = RedisNotices(redis, QUARTER), uuid4()
    await notices.post({}, whole=True)
    there, notices._redis = notices._redis, Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    with pytest.raises(Unavailable):
        await notices.floors([ann])
    await notices._redis.aclose()
    notices._redis = there
    with pytest.raises(Unavailable):
        await notices.floors([ann])
    await notices.post({ann: 2}, whole=True)
    assert await notices.floors([ann]) == [2]


@pytest.fixture
async def standings(container: AsyncContainer) -> Standings:
    found: Standings = await container.get(Standings)
    return found


@pytest.fixture
async def ann(store: Store) -> Actor:
    """Somebody with a session, as her token tells it."""
    user = User.register(UserId(uuid4()), f"{uuid4().hex}@example.com", "a hash", NOW, (Role.CUSTOMER, Role.ANALYST))
    session = Session(id=uuid4(), user=user.id, expires_at=NOW + timedelta(days=7))
    async with store.transaction() as tx:
        await tx.users.save(user)
        await tx.sessions.start(session, RefreshToken(digest=uuid4().bytes, session=session.id, created_at=NOW))
    return Actor(user.id, frozenset(user.roles), session.id, user.version)


async def test_who_is_what_they_were_is_good(standings: Standings, ann: Actor) -> None:
    assert await standings.is_good(ann, NOW)
    assert await standings.floors(NOW - QUARTER, ann.user) == {}


async def test_a_session_that_nobody_began_is_not(standings: Standings, ann: Actor) -> None:
    assert not await standings.is_good(Actor(ann.user, ann.roles, uuid4(), ann.version), NOW)
    assert not await standings.is_good(Actor(UserId(uuid4()), ann.roles, ann.session, ann.version), NOW)


async def test_a_session_that_is_over_is_not(store: Store, standings: Standings, ann: Actor) -> None:
    assert ann.session is not None
    async with store.transaction() as tx:
        await tx.sessions.end(ann.session, NOW)
    assert not await standings.is_good(ann, NOW)
    assert await standings.floors(NOW - QUARTER, ann.user) == {ann.session: OVER}
    assert (await standings.floors(NOW - QUARTER))[ann.session] == OVER
    assert await standings.floors(NOW + QUARTER, ann.user) == {}
    assert await standings.floors(NOW - QUARTER, UserId(uuid4())) == {}


@pytest.mark.parametrize("change", ["disable", "demote"])
async def test_a_change_of_what_they_may_voids_what_they_hold(
    store: Store, standings: Standings, ann: Actor, change: str
) -> None:
    async with store.transaction() as tx:
        user = await tx.users.take(ann.must_be_user())
        user.disable(Actor.shop(), NOW) if change == "disable" else user.change_roles([], Actor.shop(), NOW)
        await tx.users.save(user)
    assert not await standings.is_good(ann, NOW)
    assert await standings.floors(NOW - QUARTER, user.id) == {user.id: ann.version + 1}
    later = Actor(ann.user, ann.roles, ann.session, user.version)
    assert await standings.is_good(later, NOW) is (change == "demote")


async def test_a_key_is_good_until_it_expires_or_is_revoked(store: Store, standings: Standings) -> None:
    ends = NOW + QUARTER
    key = ApiKey.create(
        ApiKeyId(uuid4()), "ERP", uuid4().bytes, "prefix", [Permission.READ_STOCK], ends, Actor.shop(), NOW
    )
    async with store.transaction() as tx:
        await tx.api_keys.save(key)
    assert await standings.is_good(key.actor, NOW)
    assert not await standings.is_good(key.actor, ends)
    async with store.transaction() as tx:
        taken = await tx.api_keys.take(key.id)
        taken.revoke(Actor.shop(), NOW)
        await tx.api_keys.save(taken)
    assert not await standings.is_good(key.actor, NOW)
    assert (await standings.floors(NOW - QUARTER))[key.id] == OVER
    assert not await standings.is_good(Actor(key=uuid4()), NOW)


class Away:
    """A board that nobody can reach."""

    async def floors(self, credentials: object) -> list[int]:
        raise Unavailable("redis")

    async def post(self, floors: object, *, whole: bool = False) -> None:
        raise Unavailable("redis")


async def test_where_the_board_is_away_the_database_answers(store: Store, standings: Standings, ann: Actor) -> None:
    check = CheckStanding(Away(), standings, lambda: NOW)
    await check(ann)
    assert ann.session is not None
    async with store.transaction() as tx:
        await tx.sessions.end(ann.session, NOW)
    with pytest.raises(TokenInvalid):
        await check(ann)
