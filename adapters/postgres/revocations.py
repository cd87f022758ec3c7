"""What of all access is void, on PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime

from adapters.postgres.database import Database
from application.accounts.revocations import OVER, Floors
from domain.accounts import Actor, UserId

IS_GOOD = """
    select account.is_active and account.access_version <= $3 and session.revoked_at is null
    from account join session on session.user_id = account.id
    where account.id = $1 and session.id = $2
"""
KEY_IS_GOOD = "select revoked_at is null and (expires_at is null or expires_at > $2) from api_key where id = $1"
FLOORS = """
    select id, access_version as floor from account where access_changed_at >= $1 and ($2::uuid is null or id = $2)
    union all
    select id, $3::bigint from session where revoked_at >= $1 and ($2::uuid is null or user_id = $2)
    union all
    select id, $3::bigint from api_key where revoked_at >= $1 and $2::uuid is null
"""


@dataclass(frozen=True, slots=True)
class PostgresStandings:
    database: Database

    async def is_good(self, who: Actor, at: datetime) -> bool:
        asked = (KEY_IS_GOOD, who.key, at) if who.key else (IS_GOOD, who.user, who.session, who.version)
        async with self.database.connection() as connection:
            return bool(await connection.fetchval(*asked))

    async def floors(self, since: datetime, user: UserId | None = None) -> Floors:
        async with self.database.connection() as connection:
            return {row["id"]: row["floor"] for row in await connection.fetch(FLOORS, since, user, OVER)}
