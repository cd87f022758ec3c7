"""Limits that all processes share: one script in Redis, by Redis's clock; a strict limiter of one's own without it."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from time import monotonic
from typing import NamedTuple

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from adapters.redis.together import Together
from application.limits.local import LocalLimiter
from application.limits.quotas import Quota, Verdict

logger = logging.getLogger("tradepost.limits")

PREFIX = "tradepost:limit"
WITHIN = 0.25  # seconds for an answer; a limit must not hold up what it guards
REST = 1.0  # seconds before Redis is asked again after it failed


class Attempt(NamedTuple):
    """Somebody who wants a piece of a quota."""

    party: str
    quota: Quota


class RedisLimiter:
    """Attempts that come while Redis is busy with earlier ones go there together, in one round trip."""

    def __init__(self, redis: Redis, fallback: LocalLimiter) -> None:
        self._redis, self._fallback = redis, fallback
        self._script = redis.register_script(script())
        self._spend = Together(self._verdicts)
        self._rests_until = 0.0

    async def take(self, party: str, quota: Quota) -> Verdict:
        if monotonic() < self._rests_until:
            return self._fallback.spend(party, quota)
        return await self._spend(Attempt(party, quota))

    async def forget(self, party: str, quota: Quota) -> None:
        await self._fallback.forget(party, quota)
        with suppress(RedisError, OSError):  # Redis is away: the bucket empties by itself
            await self._redis.delete(_key(party, quota))

    async def close(self) -> None:
        await self._spend.close()

    async def _verdicts(self, batch: Sequence[Attempt]) -> list[Verdict]:
        try:
            async with asyncio.timeout(WITHIN):
                told = await self._told_in_any_case(batch)
        except (RedisError, OSError) as error:
            logger.warning("limits are kept by this process alone: %s", error)
            self._rests_until = monotonic() + REST
            return [self._fallback.spend(party, quota) for party, quota in batch]
        return [Verdict(bool(passed), remaining, retry_after) for passed, remaining, retry_after in told]

    async def _told_in_any_case(self, batch: Sequence[Attempt]) -> list[list[int]]:
        try:
            return await self._told(batch)
        except NoScriptError:  # Redis started anew
            await self._redis.script_load(script())
            return await self._told(batch)

    async def _told(self, batch: Sequence[Attempt]) -> list[list[int]]:
        pipeline = self._redis.pipeline(transaction=False)
        for party, quota in batch:
            pipeline.evalsha(self._script.sha, 1, _key(party, quota), str(quota.limit), str(quota.window * 1000))
        told: list[list[int]] = await pipeline.execute()
        return told


def _key(party: str, quota: Quota) -> str:
    return f"{PREFIX}:{quota.name}:{party}"


@cache
def script() -> str:
    return files("adapters.redis").joinpath("lua", "spend.lua").read_text(encoding="utf-8")
