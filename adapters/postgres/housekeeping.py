"""Forgetting on PostgreSQL what nobody may ask for any more."""

from dataclasses import dataclass
from datetime import timedelta

from adapters.postgres.database import Database

FORGET = """
delete from once where (actor, key) in (
    select actor, key from once where created_at < now() - $1::interval order by created_at limit $2
    for update skip locked)
"""
FORGET_CARTS = """
delete from cart where id in (
    select id from cart where guest is not null and updated_at < now() - $1::interval order by updated_at limit $2
    for update skip locked)
"""


@dataclass(frozen=True, slots=True)
class PostgresAnswers:
    """`Answers`, by the database's clock."""

    database: Database

    async def forget(self, older_than: timedelta, limit: int) -> int:
        async with self.database.connection() as connection:
            tag = await connection.execute(FORGET, older_than, limit)
        return int(tag.rpartition(" ")[2])


@dataclass(frozen=True, slots=True)
class PostgresGuestCarts:
    """`GuestCarts`, by the database's clock."""

    database: Database

    async def forget(self, older_than: timedelta, limit: int) -> int:
        async with self.database.connection() as connection:
            tag = await connection.execute(FORGET_CARTS, older_than, limit)
        return int(tag.rpartition(" ")[2])
