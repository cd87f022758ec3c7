"""Keeps the board of what is void whole, for as long as the app is open."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context

from application.accounts.revocations import RepeatRevocations
from application.ports import Busy, Unavailable

logger = logging.getLogger("tradepost.access")

EVERY = 5.0  # seconds: so long may go unseen what somebody could not tell


@asynccontextmanager
async def repeated(repeat: RepeatRevocations) -> AsyncIterator[None]:
    """Once before the first request, and then again and again."""
    await _once(repeat)
    task = asyncio.create_task(_for_ever(repeat), context=Context())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _for_ever(repeat: RepeatRevocations) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await _once(repeat)


async def _once(repeat: RepeatRevocations) -> None:
    """What is away now may be there the next time."""
    try:
        await repeat()
    except (Unavailable, Busy) as error:
        logger.debug("revocations were not repeated: %s", error)
