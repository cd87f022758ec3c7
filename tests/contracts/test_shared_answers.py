"""What every place where processes share answers must do."""

import asyncio
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from adapters.memory.cache import MemoryAnswers
from adapters.redis.cache import RedisAnswers
from adapters.redis.connection import connect
from application.freshness import SharedAnswers


@pytest.fixture(params=["memory", "redis"])
async def answers(request: pytest.FixtureRequest) -> SharedAnswers:
    if request.param == "memory":
        return MemoryAnswers()
    return RedisAnswers(connect(request.getfixturevalue("redis_url")))


async def test_what_was_put_is_there_for_as_long_as_it_is_good(answers: SharedAnswers) -> None:
    key = uuid4().hex
    assert await answers.get(key) is None
    await answers.put(key, b"{}", 60)
    found = await answers.get(key)
    assert found is not None
    assert found[0] == b"{}"
    assert 0 < found[1] <= 60
    await answers.put(key, b"[]", 30)
    found = await answers.get(key)
    assert found is not None
    assert found[0] == b"[]"
    assert 0 < found[1] <= 30


async def test_what_is_no_longer_good_is_gone(answers: SharedAnswers) -> None:
    key = uuid4().hex
    await answers.put(key, b"{}", -1)
    assert await answers.get(key) is None
    await answers.put(key, b"{}", 0.12)
    async with asyncio.timeout(5):
        while await answers.get(key) is not None:  # noqa: ASYNC110 - time has to pass
            await asyncio.sleep(0.01)


async def test_without_redis_nothing_is_kept_and_nothing_fails() -> None:
    answers = RedisAnswers(Redis.from_url("redis://127.0.0.1:1"))
    await answers.put("key", b"{}", 1)
    assert await answers.get("key") is None


async def test_a_redis_that_does_not_answer_is_not_waited_for() -> None:
    connected = 0

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        await reader.read()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        redis = Redis.from_url(f"redis://127.0.0.1:{port}")
        answers = RedisAnswers(redis)
        for _ in range(50):
            assert await answers.get("key") is None
        await redis.aclose()
    assert connected == 1
