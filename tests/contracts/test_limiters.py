"""What every limiter does: exactly the quota passes, and then one per step."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from adapters.redis.connection import connect
from adapters.redis.limits import RedisLimiter
from application.limits.local import MOST, LocalLimiter
from application.limits.quotas import Limiter, Quota, Verdict

SIXTY = Quota("sixty", 60, 3600)  # a step lasts a minute: none elapses in a test


@pytest.fixture(params=["local", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[Limiter]:
    if request.param == "local":
        yield LocalLimiter()
        return
    redis = connect(request.getfixturevalue("redis_url"))
    yield RedisLimiter(redis, LocalLimiter())
    await redis.aclose()


@pytest.fixture
def party() -> str:
    return uuid4().hex


async def test_of_six_hundred_at_once_exactly_the_quota_passes(limiter: Limiter, party: str) -> None:
    verdicts = await asyncio.gather(*(limiter.take(party, SIXTY) for _ in range(600)))
    assert Counter(verdict.allowed for verdict in verdicts) == {True: 60, False: 540}
    assert sorted(v.remaining for v in verdicts if v.allowed) == list(range(60))
    assert {v.retry_after for v in verdicts if not v.allowed} <= {59, 60}


async def test_every_party_and_every_quota_has_a_bucket_of_its_own(limiter: Limiter, party: str) -> None:
    one = Quota("one", 1, 3600)
    assert (await limiter.take(party, one)).allowed
    assert not (await limiter.take(party, one)).allowed
    assert (await limiter.take(f"{party}'", one)).allowed
    assert (await limiter.take(party, Quota("another", 1, 3600))).allowed


async def test_one_more_passes_per_step(limiter: Limiter, party: str) -> None:
    quick = Quota("quick", 50, 1)
    await asyncio.gather(*(limiter.take(party, quick) for _ in range(100)))
    async with asyncio.timeout(10):
        while not (await limiter.take(party, quick)).allowed:  # noqa: ASYNC110 (the clock is Redis's)
            await asyncio.sleep(0.005)


async def test_the_buckets_of_two_processes_are_the_same(redis_url: str, party: str) -> None:
    clients = [connect(redis_url), connect(redis_url)]
    limiters = [RedisLimiter(client, LocalLimiter()) for client in clients]
    verdicts = await asyncio.gather(*(limiters[n % 2].take(party, SIXTY) for n in range(1000)))
    assert Counter(verdict.allowed for verdict in verdicts) == {True: 60, False: 940}
    for client in clients:
        await client.aclose()


async def test_a_redis_that_forgot_the_script_is_told_it_again(redis_url: str, party: str) -> None:
    async with connect(redis_url) as redis:
        limiter = RedisLimiter(redis, LocalLimiter())
        await limiter.take(party, SIXTY)
        await redis.script_flush()
        assert (await limiter.take(party, SIXTY)).remaining == 58


async def test_without_redis_a_process_gives_its_share_alone(party: str) -> None:
    redis = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    limiter = RedisLimiter(redis, LocalLimiter(processes=2))
    verdicts = await asyncio.gather(*(limiter.take(party, SIXTY) for _ in range(100)))
    assert Counter(verdict.allowed for verdict in verdicts) == {True: 30, False: 70}
    await redis.aclose()


def test_a_bucket_leaks_by_the_clock() -> None:
    now = 1000.0
    limiter = LocalLimiter(now=lambda: now)
    quota = Quota("three", 3, 60)
    assert [limiter.spend("ann", quota) for _ in range(4)] == [
        Verdict(allowed=True, remaining=2),
        Verdict(allowed=True, remaining=1),
        Verdict(allowed=True, remaining=0),
        Verdict(allowed=False, remaining=0, retry_after=20),
    ]
    now = 1019.9
    assert limiter.spend("ann", quota) == Verdict(allowed=False, remaining=0, retry_after=1)
    now = 1020.0
    assert limiter.spend("ann", quota) == Verdict(allowed=True, remaining=0)
    now = 1100.0
    assert limiter.spend("ann", quota) == Verdict(allowed=True, remaining=2)


def test_a_flood_of_parties_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.limits.local.MOST", 3)
    now = 0.0
    limiter = LocalLimiter(now=lambda: now)
    for party in "abcde":
        limiter.spend(party, SIXTY)
    assert [party for _, party in limiter.due] == ["c", "d", "e"]
    now = 61.0
    limiter.spend("f", SIXTY)
    assert [party for _, party in limiter.due] == ["f"]
    assert MOST == 100_000
