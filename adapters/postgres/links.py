"""Mailed links on PostgreSQL, by the database's clock."""

from dataclasses import dataclass
from datetime import timedelta

from adapters.postgres.unit import Unit
from domain.accounts import UserId
from domain.links import Link, Purpose, ResetRequest

ADD = """
insert into link (digest, user_id, purpose, email, expires_at)
values ($1, $2, $3, $4, clock_timestamp() + $5::interval)
"""
FIND = """
select user_id, purpose, email from link
where digest = $1 and used_at is null and expires_at > clock_timestamp()
"""
SPEND = """
update link set used_at = clock_timestamp()
where digest = $1 and used_at is null and expires_at > clock_timestamp()
"""
VOID = "update link set used_at = clock_timestamp() where user_id = $1 and purpose = $2 and used_at is null"


@dataclass(frozen=True, slots=True)
class PostgresLinks:
    unit: Unit

    async def request_reset(self, request: ResetRequest) -> None:
        self.unit.publish(request, request.id)

    async def add(self, link: Link, lifetime: timedelta) -> None:
        await self.unit.connection.execute(ADD, link.digest, link.user, link.purpose, link.email, lifetime)

    async def find(self, digest: bytes) -> Link | None:
        row = await self.unit.connection.fetchrow(FIND, digest)
        if row is None:
            return None
        return Link(digest=digest, user=row["user_id"], purpose=Purpose(row["purpose"]), email=row["email"])

    async def spend(self, digest: bytes) -> bool:
        return bool(await self.unit.connection.execute(SPEND, digest) == "UPDATE 1")

    async def void(self, user: UserId, purpose: Purpose) -> None:
        await self.unit.connection.execute(VOID, user, purpose)
