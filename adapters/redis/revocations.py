"""The board of what is void, in Redis; requests that come while it is asked for others are asked for together."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from application.accounts.revocations import Floors
from application.ports import Unavailable

logger = logging.getLogger("tradepost.access")

PREFIX = "tradepost:void:"
WHOLE = f"{PREFIX}whole"  # is there while the board is known to be whole
TRUSTED = 60  # seconds without a word of its being whole
WITHIN = 1.0  # seconds for an answer; a process that is merely busy must not take Redis for away
AWAY = (RedisError, OSError, TimeoutError)


class Question(NamedTuple):
    """Somebody who waits for the floors."""

    credentials: Sequence[UUID]
    answer: asyncio.Future[Sequence[int]]


class RedisNotices:
    """After a failure it says nothing until it was posted as a whole: meanwhile it may have missed something."""

    def __init__(self, redis: Redis, ttl: timedelta) -> None:
        self._redis, self._ttl = redis, ttl
        self._script = redis.register_script(script())
        self._waiting: list[Question] = []
        self._asking: asyncio.Task[None] | None = None
        self._is_trusted = True

    async def floors(self, credentials: Sequence[UUID]) -> Sequence[int]:
        if not self._is_trusted:
            raise Unavailable("redis")
        question = Question(credentials, asyncio.get_running_loop().create_future())
        self._waiting.append(question)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await question.answer

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
        if self._asking is not None:
            await self._asking

    async def _ask(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                async with asyncio.timeout(WITHIN):
                    found: Sequence[bytes | str | None] = await self._redis.mget(
                        [WHOLE, *(f"{PREFIX}{each}" for question in batch for each in question.credentials)]
                    )
            except AWAY as error:
                self._distrust(error)
                found = [None]
            _answer(batch, found)

    def _distrust(self, error: Exception) -> None:
        if self._is_trusted:
            logger.warning("the database is asked who has access: %s", error)
        self._is_trusted = False


def _answer(batch: Sequence[Question], found: Sequence[bytes | str | None]) -> None:
    is_whole, rest = found[0] is not None, iter(found[1:])
    for credentials, answer in batch:
        if answer.done():  # whoever asked has hung up
            for _ in credentials:
                next(rest, None)
        elif is_whole:
            answer.set_result([int(next(rest) or 0) for _ in credentials])
        else:
            answer.set_exception(Unavailable("redis"))


@cache
def script() -> str:
    return files("adapters.redis").joinpath("lua", "revoke.lua").read_text(encoding="utf-8")
