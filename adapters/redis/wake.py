"""The poke: who committed events tells the dispatchers over pub/sub that there is something to do."""

import asyncio
import logging
from contextlib import suppress

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger("tradepost.wake")

CHANNEL = "tradepost:wake"
REST = 0.02  # seconds between two pokes: a crowd of commits is one piece of news
LONG_REST = 1.0  # while Redis is away


class RedisWake:
    """`Wake`: one poke at a time, in the background. The dispatcher's own looking is what can be relied on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._wanted = False
        self._poking: asyncio.Task[None] | None = None

    def __call__(self) -> None:
        self._wanted = True
        if self._poking is None or self._poking.done():
            self._poking = asyncio.get_running_loop().create_task(self._poke())

    async def close(self) -> None:
        if self._poking is not None:
            self._poking.cancel()
            with suppress(asyncio.CancelledError):
                await self._poking

    async def _poke(self) -> None:
        while self._wanted:
            self._wanted = False
            try:
                await self._redis.publish(CHANNEL, b"")
            except (RedisError, OSError) as error:
                logger.debug("no poke: %s", error)
                await asyncio.sleep(LONG_REST)
            else:
                await asyncio.sleep(REST)


class RedisPokes:
    """`Pokes`: hears them from the first wait on, and again by itself after Redis was away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._poked = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None

    async def wait(self, at_most: float) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._poked.wait()
        self._poked.clear()

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    while True:
                        if await channel.get_message(timeout=None) is not None:
                            self._poked.set()
            except (RedisError, OSError) as error:
                logger.debug("no pokes: %s", error)
                await asyncio.sleep(LONG_REST)
