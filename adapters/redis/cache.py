"""Answers that the processes of a shop share for moments."""

import asyncio
import logging
from time import monotonic

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger("tradepost.cache")

PREFIX = "tradepost:answer:"
PATIENCE = 0.1  # seconds: from then on reading anew is quicker
REST = 1.0  # seconds without Redis after it failed
AWAY = (RedisError, OSError, TimeoutError)


class RedisAnswers:
    """`SharedAnswers`. Who writes late writes nothing: an answer that took longer than it is good for is not kept."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._resting_until = 0.0

    async def get(self, key: str) -> tuple[bytes, float] | None:
        if monotonic() < self._resting_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE), self._redis.pipeline(transaction=True) as both:
                both.get(PREFIX + key)
                both.pttl(PREFIX + key)
                answer, left = await both.execute()
        except AWAY as error:
            self._rest(error)
            return None
        return (answer, left / 1000) if answer is not None and left > 0 else None

    async def put(self, key: str, answer: bytes, seconds: float) -> None:
        lasting = round((seconds - PATIENCE) * 1000)  # it may take that long to get there
        if lasting <= 0 or monotonic() < self._resting_until:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._redis.set(PREFIX + key, answer, px=lasting)
        except AWAY as error:
            self._rest(error)

    def _rest(self, error: Exception) -> None:
        logger.debug("no shared answers: %s", error)
        self._resting_until = monotonic() + REST
