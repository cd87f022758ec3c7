"""What of all access is void, in memory: the board, and the truth behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from adapters.memory.api_keys import is_live
from adapters.memory.tables import MemoryDatabase
from application.accounts.revocations import OVER, Floors
from domain.accounts import Actor, UserId
from domain.api_keys import ApiKeyId


@dataclass(frozen=True, slots=True)
class MemoryNotices:
    """Alone in its process, it misses nothing."""

    told: dict[UUID, int] = field(default_factory=dict)

    async def floors(self, credentials: Sequence[UUID]) -> Sequence[int]:
        return [self.told.get(each, 0) for each in credentials]

    async def post(self, floors: Floors, *, whole: bool = False) -> None:
        for each, floor in floors.items():
            self.told[each] = max(floor, self.told.get(each, 0))


@dataclass(frozen=True, slots=True)
class MemoryStandings:
    database: MemoryDatabase

    async def is_good(self, who: Actor, at: datetime) -> bool:
        tables = self.database.tables
        if who.key is not None:
            key = tables.api_keys.get(ApiKeyId(who.key))
            return key is not None and is_live(key, at)
        user = tables.users.get(who.user) if who.user else None
        session = tables.sessions.get(who.session) if who.session else None
        if user is None or session is None or session.user != user.id or session.revoked_at is not None:
            return False
        return user.is_active and user.access_version <= who.version

    async def floors(self, since: datetime, user: UserId | None = None) -> Floors:
        tables, found = self.database.tables, dict[UUID, int]()
        for each in tables.users.values():
            if each.access_changed_at and each.access_changed_at >= since and user in (None, each.id):
                found[each.id] = each.access_version
        for session in tables.sessions.values():
            if session.revoked_at and session.revoked_at >= since and user in (None, session.user):
                found[session.id] = OVER
        for key in tables.api_keys.values():
            if key.revoked_at and key.revoked_at >= since and user is None:
                found[key.id] = OVER
        return found
