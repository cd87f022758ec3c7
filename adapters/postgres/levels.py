"""What an operator watches in PostgreSQL: connections in use, and what waits to be told."""

from adapters.postgres.database import Database

WAITING = """select (select count(*) from delivery where done_at is null and dead_at is null)
  + (select count(*) from outbox where position is null)"""


async def connections_in_use(database: Database) -> float:
    return float(database.connections.in_use)


async def events_waiting(database: Database) -> float:
    """Deliveries that are owed, and events that nobody has looked at yet."""
    async with database.connection() as connection:
        return float(await connection.fetchval(WAITING))
