"""Forgetting on PostgreSQL what nobody may ask for any more, by the database's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from adapters.postgres.database import Database
from application.housekeeping import Leftover

FORGET: Mapping[Leftover, str] = {
    Leftover.ANSWERS: """
        delete from once where (actor, key) in (
            select actor, key from once where created_at < now() - $1::interval order by created_at limit $2
            for update skip locked)
    """,
    Leftover.CARTS: """
        delete from cart where id in (
            select id from cart where guest is not null and updated_at < now() - $1::interval
            order by updated_at limit $2 for update skip locked)
    """,
}


@dataclass(frozen=True, slots=True)
class PostgresAttic:
    database: Database

    async def forget(self, what: Leftover, older_than: timedelta, limit: int) -> int:
        async with self.database.connection() as connection:
            tag = await connection.execute(FORGET[what], older_than, limit)
        return int(tag.rpartition(" ")[2])
