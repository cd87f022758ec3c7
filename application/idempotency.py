"""Idempotency keys: two requests under one key are one, and get one answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NewType, Protocol
from uuid import UUID

from application.ports import Busy, NewId, Wake
from domain.errors import DomainError, Invalid

Lease = NewType("Lease", timedelta)  # how long who does something under a key is waited for
PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.2, 1.6)  # seconds between looks at whether a twin has ended


@dataclass(frozen=True, slots=True)
class Once:
    """An Idempotency-Key with all that makes two requests the same one. `status` is what success answers with."""

    actor: str
    key: str
    route: str
    fingerprint: bytes
    status: int
    secret: bool = False  # what is answered is for nobody else's eyes: it is kept sealed

    def part(self, name: str) -> "Once":
        """Of one thing among several that are asked for under the key."""
        return replace(self, key=f"{self.key}#{name}")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The first answer that was given under a key. Without a body it is not known yet."""

    route: str
    fingerprint: bytes
    status: int | None
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def fits(self, once: Once) -> bool:
        return self.route == once.route and self.fingerprint == once.fingerprint


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered under a key: the encoded view, now or as it was the first time.

    `status` is None for an answer that is new: the route's own.
    """

    body: bytes
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    replayed: bool = False


class KeyReused(Invalid):
    """The idempotency key came before, with another request."""

    code = "idempotency-key-reused"


class RequestInProgress(Busy):
    """The first request under the key has not come to its end yet."""


def replay(once: Once, remembered: Remembered) -> Answer:
    """The first answer again. Raises KeyReused where it was given to another request, or RequestInProgress."""
    if not remembered.fits(once):
        raise KeyReused
    if remembered.body is None:
        raise RequestInProgress
    return Answer(remembered.body, remembered.status, remembered.headers, replayed=True)


# -- claims: for what asks somebody else, and so takes more than one transaction


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do what a key stands for, until the lease ends; then the next one has a fence of a higher number."""

    once: Once
    fence: int
    since: datetime  # of the first claim, whoever has it now

    def id(self, what: str) -> UUID:
        """A UUID version 7 that is the same whenever the same is done again."""
        named = f"{self.once.actor}\n{self.once.key}\n{self.once.route}\n{what}\n".encode() + self.once.fingerprint
        drawn = int.from_bytes(sha256(named).digest()[:16])
        at = int(self.since.timestamp() * 1000)
        value = (at << 80) | (drawn & ((1 << 80) - 1))
        return UUID(int=(value & ~(0xF000 << 64) & ~(0xC000 << 48)) | (0x7000 << 64) | (0x8000 << 48))


class Overtaken(Exception):
    """The lease ended, and somebody else took the key over: what was done last is undone."""


claimed: ContextVar[Claim | None] = ContextVar("claimed", default=None)


def repeatable_id(what: str, new_id: NewId) -> UUID:
    """A new id; under a claim one that derives from the key, so that who does it again finds what was done."""
    claim = claimed.get()
    return claim.id(what) if claim else new_id()


# -- the frame around what is asked


class Memory(Protocol):
    """Answers by idempotency key."""

    async def recall(self, once: Once) -> Remembered | None: ...

    async def remember_refusal(self, once: Once, answer: Answer) -> Remembered:
        """Keep a refusal that had no effect; the first answer stays. Returns the one that is kept."""
        ...

    def together(self, once: Once) -> AbstractAsyncContextManager[Remembered | None]:
        """All that is read and changed within is one transaction, the answer too; None where there is none yet.

        A twin waits for its end. Raises RequestInProgress where that takes too long.
        """
        ...

    async def remember(self, once: Once, answer: Answer) -> None:
        """Within `together`: keep the answer."""
        ...

    async def claim(self, once: Once, lease: timedelta) -> Claim | Remembered:
        """The right to do it; or what is kept, which has no body while somebody else has the right.

        Whose lease ended is overtaken: an answer that they left is the answer.
        """
        ...

    async def conclude(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer for good. Raises Overtaken."""
        ...

    async def release(self, claim: Claim, *, nothing_done: bool) -> None:
        """Give the right back; the key too where nothing was done under it. An answer that was left is the answer."""
        ...


@dataclass(frozen=True, slots=True)
class AnswerOnce:
    """The frame around all that may be asked under a key: it is done once, and answered alike ever after."""

    memory: Memory
    wake: Wake
    lease: Lease

    async def __call__(self, once: Once, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """For what only the store has a part in: effect and answer are one transaction. Raises KeyReused."""
        async with self.memory.together(once) as kept:
            if kept is not None:
                return replay(once, kept)
            answer = await act()
            await self.memory.remember(once, answer)
        self.wake()
        return answer

    async def leased(self, once: Once, act: Callable[[], Awaitable[Answer]]) -> Answer:
        """For what asks another party: under a claim. Raises KeyReused, RequestInProgress."""
        while True:
            claim = await self._claim(once)
            if isinstance(claim, Remembered):
                return replay(once, claim)
            token = claimed.set(claim)
            try:
                answer = await act()
                await self.memory.conclude(claim, answer)
            except Overtaken:
                continue
            except BaseException as error:
                await self.memory.release(claim, nothing_done=isinstance(error, DomainError))
                raise
            finally:
                claimed.reset(token)
            return answer

    async def _claim(self, once: Once) -> Claim | Remembered:
        """Waits a while for a twin to end."""
        for pause in PAUSES:
            found = await self.memory.claim(once, self.lease)
            if isinstance(found, Claim) or found.body is not None or not found.fits(once):
                return found
            await asyncio.sleep(pause)
        raise RequestInProgress
