"""First answers by idempotency key, on PostgreSQL."""

from dataclasses import dataclass

from adapters.postgres.database import Database
from application.idempotency import Once, Remembered

RECALL = "select route, fingerprint, status, body from once where actor = $1 and key = $2"
REMEMBER = """
insert into once (actor, key, route, fingerprint, status, body) values ($1, $2, $3, $4, $5, $6) on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class PostgresMemory:
    database: Database

    async def recall(self, once: Once) -> Remembered | None:
        async with self.database.connection() as connection:
            row = await connection.fetchrow(RECALL, once.actor, once.key)
        return Remembered(*row) if row else None

    async def remember_refusal(self, once: Once, status: int, body: bytes) -> Remembered:
        ours = Remembered(once.route, once.fingerprint, status, body)
        async with self.database.connection() as connection:
            await connection.execute(REMEMBER, once.actor, once.key, once.route, once.fingerprint, status, body)
        return await self.recall(once) or ours
