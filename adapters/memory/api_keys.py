"""API keys in memory."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit
from application.accounts.keys import ApiKeyView, api_key_view
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.api_keys import ApiKey, ApiKeyId, ApiKeyNotFound

ORDER = "api-keys"
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MemoryApiKeys:
    """Repository of API keys."""

    unit: MemoryUnit

    async def take(self, id: ApiKeyId) -> ApiKey:
        if id not in self.unit.tables.api_keys:
            raise ApiKeyNotFound
        return replace(self.unit.tables.api_keys[id], events=[])

    async def save(self, key: ApiKey) -> None:
        self.unit.guard(self.unit.tables.api_keys.get(key.id), key)
        self.unit.publish(key, key.id)
        self.unit.tables.api_keys[key.id] = replace(key, events=[])


@dataclass(frozen=True, slots=True)
class MemoryKeyUses:
    database: MemoryDatabase

    async def use(self, digest: bytes, at: datetime) -> ApiKey | None:
        async with self.database.transaction() as unit:
            key = next((key for key in unit.tables.api_keys.values() if key.digest == digest), None)
            if key is None or not is_live(key, at):
                return None
            if key.last_used_at is None or key.last_used_at <= at - MINUTE:
                unit.tables.api_keys[key.id] = replace(key, last_used_at=at, events=[])
            return replace(key, events=[])


@dataclass(frozen=True, slots=True)
class MemoryApiKeyViews:
    database: MemoryDatabase
    cursors: Cursors

    async def list(self, page: PageRequest) -> Page[ApiKeyView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        rows = newest_first([api_key_view(key) for key in self.database.tables.api_keys.values()], position)
        return paged(rows[: page.size + 1], page.size, position, made_at, self.cursors, ORDER)


def is_live(key: ApiKey, at: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > at)
