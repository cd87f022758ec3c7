"""Calls that lost a race are made again, a little later."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from application.ports import LostRace

T = TypeVar("T")

RETRIES = 3
PAUSE = 0.02  # seconds before the first retry at most; twice as long before each further one


async def retried(call: Callable[[], Awaitable[T]]) -> T:
    """Up to three times more after a lost race, with jitter so that no crowd runs on in step. Raises LostRace."""
    for tried in range(RETRIES):
        try:
            return await call()
        except LostRace:
            await asyncio.sleep(random.uniform(0, PAUSE * 2**tried))  # noqa: S311
    return await call()
