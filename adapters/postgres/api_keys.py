"""API keys on PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from adapters.postgres.database import Database
from adapters.postgres.unit import Unit, guarded
from application.accounts.keys import ApiKeyView, api_key_view
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.accounts import Permission
from domain.api_keys import ApiKey, ApiKeyId, ApiKeyNotFound

ORDER = "api-keys"
TAKE = "select * from api_key where id = $1 for no key update"
INSERT = """
    insert into api_key (id, name, prefix, digest, scopes, created_at, expires_at, revoked_at, version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
REVOKE = "update api_key set revoked_at = $2, version = $3 where id = $1 and version = $4"
# The note of a use is a write of its own, at most one a minute, and no change of the aggregate.
USE = """
    with found as (
        select * from api_key where digest = $1 and revoked_at is null and (expires_at is null or expires_at > $2)
    ), noted as (
        update api_key set last_used_at = $2 from found
        where api_key.id = found.id
            and (found.last_used_at is null or found.last_used_at <= $2 - interval '1 minute')
    )
    select * from found
"""
OLDER = """
    select * from api_key where $1::timestamptz is null or (created_at, id) < ($1, $2)
    order by created_at desc, id desc limit $3
"""
NEWER = "select * from api_key where (created_at, id) > ($1, $2) order by created_at, id limit $3"


@dataclass(frozen=True, slots=True)
class PostgresApiKeys:
    """Repository of API keys."""

    unit: Unit

    async def take(self, id: ApiKeyId) -> ApiKey:
        row = await self.unit.connection.fetchrow(TAKE, id)
        if row is None:
            raise ApiKeyNotFound
        return _key(row)

    async def save(self, key: ApiKey) -> None:
        before = key.version
        self.unit.publish(key, key.id)
        if before:
            guarded(await self.unit.connection.execute(REVOKE, key.id, key.revoked_at, key.version, before))
            return
        told = (key.id, key.name, key.prefix, key.digest, sorted(key.scopes), key.created_at, key.expires_at)
        await self.unit.connection.execute(INSERT, *told, key.revoked_at, key.version)


@dataclass(frozen=True, slots=True)
class PostgresKeyUses:
    database: Database

    async def use(self, digest: bytes, at: datetime) -> ApiKey | None:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(USE, digest, at)
        return _key(row) if row else None


@dataclass(frozen=True, slots=True)
class PostgresApiKeyViews:
    database: Database
    cursors: Cursors

    async def list(self, page: PageRequest) -> Page[ApiKeyView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows: Sequence[asyncpg.Record] = await connection.fetch(query, at, last, page.size + 1)
        found = [api_key_view(_key(row)) for row in rows]
        return paged(found, page.size, position, lambda key: (key.created_at, key.id), self.cursors, ORDER)


def _key(row: asyncpg.Record) -> ApiKey:
    return ApiKey(**{**row, "scopes": frozenset(Permission(scope) for scope in row["scopes"])})
