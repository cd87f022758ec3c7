"""First answers by idempotency key, in memory."""

from dataclasses import dataclass

from adapters.memory.tables import MemoryDatabase
from application.idempotency import Once, Remembered


@dataclass(frozen=True, slots=True)
class MemoryMemory:
    database: MemoryDatabase

    async def recall(self, once: Once) -> Remembered | None:
        return self.database.tables.answers.get((once.actor, once.key))

    async def remember_refusal(self, once: Once, status: int, body: bytes) -> Remembered:
        async with self.database.transaction() as unit:
            ours = Remembered(once.route, once.fingerprint, status, body)
            return unit.tables.answers.setdefault((once.actor, once.key), ours)
