"""Forgetting on PostgreSQL what nobody may ask for any more, by the database's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from adapters.postgres.database import Database
from application.housekeeping import Leftover

# The least UUID version 7 of that moment: events are looked for by their ids, which tell when they happened.
OLDEST = """
    (lpad(to_hex((extract(epoch from now() - $1::interval) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
"""
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
    Leftover.LINKS: """
        delete from link where digest in (
            select digest from link where expires_at < now() - $1::interval order by expires_at limit $2
            for update skip locked)
    """,
    Leftover.SESSIONS: """
        delete from session where id in (
            select id from session where expires_at < now() - $1::interval or revoked_at < now() - $1::interval
            limit $2 for update skip locked)
    """,
    # What is dead and may be tried again keeps its mark.
    Leftover.HANDLED: """
        delete from handled where (event_id, handler) in (
            select event_id, handler from handled h
            where event_id < /*oldest*/ and at < now() - $1::interval and not exists (
                select from delivery d where d.event_id = h.event_id and d.handler = h.handler and d.done_at is null)
            order by event_id limit $2 for update skip locked)
    """,
    Leftover.DELIVERIES: """
        delete from delivery where (event_id, handler) in (
            select event_id, handler from delivery where event_id < /*oldest*/ and done_at < now() - $1::interval
            order by event_id limit $2 for update skip locked)
    """,
}


@dataclass(frozen=True, slots=True)
class PostgresAttic:
    database: Database

    async def forget(self, what: Leftover, older_than: timedelta, limit: int) -> int:
        async with self.database.connection() as connection:
            tag = await connection.execute(FORGET[what].replace("/*oldest*/", OLDEST), older_than, limit)
        return int(tag.rpartition(" ")[2])
