"""Mailed links in memory, by the machine's clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from adapters.memory.tables import Mailed, MemoryUnit
from domain.accounts import UserId
from domain.links import Link, Purpose, ResetRequest


@dataclass(frozen=True, slots=True)
class MemoryLinks:
    unit: MemoryUnit

    async def request_reset(self, request: ResetRequest) -> None:
        self.unit.publish(request, request.id)

    async def add(self, link: Link, lifetime: timedelta) -> None:
        self.unit.tables.links[link.digest] = Mailed(link, datetime.now(UTC) + lifetime)

    async def find(self, digest: bytes) -> Link | None:
        mailed = self.unit.tables.links.get(digest)
        return mailed.link if mailed and not mailed.used and mailed.expires_at > datetime.now(UTC) else None

    async def spend(self, digest: bytes) -> bool:
        if await self.find(digest) is None:
            return False
        self._use_up(digest)
        return True

    async def void(self, user: UserId, purpose: Purpose) -> None:
        for digest, mailed in list(self.unit.tables.links.items()):
            if (mailed.link.user, mailed.link.purpose) == (user, purpose):
                self._use_up(digest)

    def _use_up(self, digest: bytes) -> None:
        links = self.unit.tables.links
        links[digest] = replace(links[digest], used=True)
