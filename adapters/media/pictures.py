"""The darkroom: Pillow, in a thread of its own, loaded by the first picture."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from application.ports import Picture

AT_ONCE = 1  # a picture of the largest size takes some 270 MB while it is worked on


class PillowPictures:
    """The pool is the gate: what a caller no longer waits for is not begun."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, "pictures")

    async def develop(self, data: bytes, claimed: str | None) -> Picture:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _develop, data, claimed)

    async def shrink(self, data: bytes, sides: Sequence[int]) -> Sequence[bytes]:
        return await asyncio.get_running_loop().run_in_executor(self._pool, _shrink, data, sides)


def _develop(data: bytes, claimed: str | None) -> Picture:
    from adapters.media.darkroom import develop  # Pillow: only who develops pays for it

    return develop(data, claimed)


def _shrink(data: bytes, sides: Sequence[int]) -> Sequence[bytes]:
    from adapters.media.darkroom import shrink

    return shrink(data, sides)
