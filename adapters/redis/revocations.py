"""The board of what is void, in Redis; requests that come while it is asked for others are asked for together."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from importlib.resources import files
from itertools import islice
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis.together import Together
from application.accounts.revocations import Floors
from application.ports import Unavailable

logger = logging.getLogger("tradepost.access")

PREFIX = "tradepost:void:"
WHOLE = f"{PREFIX}whole"  # is there while the board is known to be whole
TRUSTED = 60  # seconds without a word of its being whole
WITHIN = 1.0  # seconds for an answer; a process that is merely busy must not take Redis for away
AWAY = (RedisError, OSError, TimeoutError)


class RedisNotices:
    """After a failure it says nothing until it was posted as a whole: meanwhile it may have missed something."""

    def __init__(self, redis: Redis, ttl: timedelta) -> None:
        self._redis, self._ttl = redis, ttl
        self._script = redis.register_script(script())
        self._find = Together(self._found)
        self._is_trusted = True

    async def floors(self, credentials: Sequence[UUID]) -> Sequence[int]:
        if not self._is_trusted:
            raise Unavailable("redis")
        floors = await self._find(credentials)
        if floors is None:
            raise Unavailable("redis")
        return floors

    async def post(self, floors: Floors, *, whole: bool = False) -> None:
        keys = [f"{PREFIX}{each}" for each in floors]
        lasting = round(self._ttl.total_seconds() * 1000)
        try:
            async with asyncio.timeout(WITHIN):
                if keys:
                    await self._script(keys, [lasting, *floors.values()])
                if whole:
                    await self._redis.set(WHOLE, 1, ex=TRUSTED)
        except AWAY as error:
            self._distrust(error)
            raise Unavailable("redis") from error
        self._is_trusted = self._is_trusted or whole

    async def close(self) -> None:
        await self._find.close()

    async def _found(self, batch: Sequence[Sequence[UUID]]) -> Sequence[Sequence[int] | None]:
        """None for all where Redis is away, or does not know that it is whole."""
        try:
            async with asyncio.timeout(WITHIN):
                whole, *rest = await self._redis.mget(
                    [WHOLE, *(f"{PREFIX}{each}" for credentials in batch for each in credentials)]
                )
        except AWAY as error:
            self._distrust(error)
            return [None] * len(batch)
        if whole is None:
            return [None] * len(batch)
        floors = (int(told or 0) for told in rest)
        return [list(islice(floors, len(credentials))) for credentials in batch]

    def _distrust(self, error: Exception) -> None:
        if self._is_trusted:
            logger.warning("the database is asked who has access: %s", error)
        self._is_trusted = False


@cache
def script() -> str:
    return files("adapters.redis").joinpath("lua", "revoke.lua").read_text(encoding="utf-8")
