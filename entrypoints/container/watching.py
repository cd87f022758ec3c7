"""How the machines are: what is asked by health checks and metrics."""

from dishka import Provider, Scope, provide
from redis.asyncio import Redis

from adapters.postgres.database import Database
from adapters.postgres.levels import connections_in_use, events_waiting
from adapters.postgres.revision import is_current
from entrypoints.observing import Level, Levels, Probes


class WatchedMachines(Provider):
    """Levels and probes of what `OnMachines` runs on."""

    scope = Scope.APP

    @provide
    def levels(self, database: Database) -> Levels:
        return Levels(
            {
                "tradepost_database_connections_in_use": Level(
                    "Connections to PostgreSQL in use.", lambda: connections_in_use(database), is_own=True
                ),
                "tradepost_events_waiting": Level(
                    "Events that are not delivered yet.", lambda: events_waiting(database)
                ),
            }
        )

    @provide
    def probes(self, database: Database, redis: Redis) -> Probes:
        async def database_is_ready() -> bool:
            async with database.connection() as connection:
                return await is_current(connection)

        async def redis_answers() -> bool:
            return bool(await redis.ping())

        return Probes({"database": database_is_ready, "redis": redis_answers})
