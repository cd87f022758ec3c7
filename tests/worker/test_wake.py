"""The poke: heard at once, no more of them than news, and no harm where nobody can hear it."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from adapters.redis.connection import connect
from adapters.redis.wake import RedisPokes, RedisWake
from tests.worker.conftest import TinyShop, eventually, proxied


@pytest.fixture
async def pokes(redis: Redis) -> AsyncIterator[RedisPokes]:
    """Listening already."""
    pokes = RedisPokes(redis)
    await pokes.wait(0)
    await eventually(lambda: heard_by(redis, 1))
    yield pokes
    await pokes.close()


async def heard_by(redis: Redis, listeners: int) -> bool:
    ((_, counted),) = await redis.pubsub_numsub("tradepost:wake")
    return bool(counted == listeners)


async def test_a_poke_ends_the_wait(redis: Redis, pokes: RedisPokes) -> None:
    wake = RedisWake(redis)
    wake()
    async with asyncio.timeout(5):
        await pokes.wait(60)
    await wake.close()


async def test_a_poke_while_nobody_waits_is_heard_at_the_next_wait_and_only_then(
    redis: Redis, pokes: RedisPokes
) -> None:
    await redis.publish("tradepost:wake", b"")
    async with asyncio.timeout(5):
        await pokes.wait(60)
    began = time.monotonic()
    await pokes.wait(0.05)
    assert time.monotonic() - began >= 0.05


async def test_a_thousand_commits_are_few_pokes(redis: Redis) -> None:
    async def published() -> int:
        return int((await redis.info("commandstats")).get("cmdstat_publish", {"calls": 0})["calls"])

    wake, before = RedisWake(redis), await published()
    for _ in range(1000):
        wake()
        await asyncio.sleep(0)
    await wake.close()
    assert 1 <= await published() - before <= 50


async def test_without_redis_a_wake_is_silent() -> None:
    async with proxied("127.0.0.1", 1) as proxy:
        pass  # nobody listens there any more
    redis = connect(f"redis://127.0.0.1:{proxy.port}")
    wake = RedisWake(redis)
    wake()
    await asyncio.sleep(0)
    wake()
    await wake.close()
    await redis.aclose()


async def test_an_order_is_confirmed_without_waiting_for_the_next_look(
    shop: TinyShop, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.worker.LOOK_EVERY", 600.0)
    stop = asyncio.Event()
    working = asyncio.create_task((await shop.worker())(stop))
    await eventually(lambda: heard_by(redis, 1))
    await shop.sell()
    await shop.all_mailed(1)
    stop.set()
    await redis.publish("tradepost:wake", b"")  # or it would look only after ten minutes whether it is to stop
    async with asyncio.timeout(30):
        await working
