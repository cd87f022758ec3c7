"""Shared answers in memory: nobody is there to share with, so they are held for contracts and tests."""

from time import monotonic


class MemoryAnswers:
    """`SharedAnswers`."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, float]] = {}

    async def get(self, key: str) -> tuple[bytes, float] | None:
        answer, until = self._kept.get(key, (b"", 0.0))
        left = until - monotonic()
        if left > 0:
            return answer, left
        self._kept.pop(key, None)
        return None

    async def put(self, key: str, answer: bytes, seconds: float) -> None:
        if seconds > 0:
            self._kept[key] = answer, monotonic() + seconds
