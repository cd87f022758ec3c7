"""The ring of API keys: what was looked up is remembered for a minute."""

import hashlib
from datetime import datetime, timedelta

from application.accounts.identifying import KeyUses
from application.ports import Clock
from domain.accounts import Actor, TokenInvalid

MAX_LENGTH = 200
REMEMBERED = 10_000  # keys
FOR = timedelta(minutes=1)


class ApiKeyRing:
    """A key that is revoked is still on the ring for a moment; whoever asks checks its standing, as for a token."""

    def __init__(self, uses: KeyUses, clock: Clock) -> None:
        self._uses, self._clock = uses, clock
        self._ring: dict[bytes, tuple[Actor, datetime]] = {}

    async def actor(self, key: str) -> Actor:
        if found := self.known(key):
            return found
        if len(key) > MAX_LENGTH:
            raise TokenInvalid
        now, digest = self._clock(), _digest(key)
        used = await self._uses.use(digest, now)
        if used is None:
            raise TokenInvalid
        until = now + FOR if used.expires_at is None else min(used.expires_at, now + FOR)
        if len(self._ring) >= REMEMBERED:
            del self._ring[next(iter(self._ring))]
        self._ring[digest] = used.actor, until
        return used.actor

    def known(self, key: str) -> Actor | None:
        actor, until = self._ring.get(_digest(key), (None, None))
        return actor if until is not None and self._clock() < until else None


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
