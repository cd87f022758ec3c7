"""Idempotency keys: two requests under one key are one, and get one answer."""

from dataclasses import dataclass
from typing import Protocol

from domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key with all that makes two requests the same one. `status` is what success answers with."""

    actor: str
    key: str
    route: str
    fingerprint: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Remembered:
    """The first answer that was given under a key."""

    route: str
    fingerprint: bytes
    status: int
    body: bytes

    def fits(self, once: Once) -> bool:
        return self.route == once.route and self.fingerprint == once.fingerprint


@dataclass(frozen=True, slots=True)
class Answer:
    """What a use case answers under a key: the encoded view, now or as it was the first time.

    `status` is None for an answer that is new: the route's own.
    """

    body: bytes
    status: int | None = None
    replayed: bool = False


class KeyReused(Invalid):
    """The idempotency key came before, with another request."""

    code = "idempotency-key-reused"


def replay(once: Once, remembered: Remembered) -> Answer:
    """The first answer again. Raises KeyReused where it was given to another request."""
    if not remembered.fits(once):
        raise KeyReused
    return Answer(remembered.body, remembered.status, replayed=True)


class Memory(Protocol):
    """Answers by idempotency key."""

    async def recall(self, once: Once) -> Remembered | None: ...

    async def remember_refusal(self, once: Once, status: int, body: bytes) -> Remembered:
        """Keep a refusal that had no effect; the first answer stays. Returns the one that is kept."""
        ...
