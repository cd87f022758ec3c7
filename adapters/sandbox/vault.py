"""Where the sandbox keeps what it shows to browsers: sealed, in its own schema."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from application.sealing import Kept, Place

STALE = "from sandbox.intent where substring(client_secret for :length) <> :mark"
COUNT = text(f"select count(*) {STALE}")
NEXT = text(f"select id, client_secret {STALE} and id > :after order by id limit :most")
REPLACE = text("update sandbox.intent set client_secret = :new where id = :id and client_secret = :old")


def about(intent: str) -> str:
    """What is sealed, for the seal."""
    return f"client_secret:{intent}"


@dataclass(frozen=True, slots=True)
class SandboxVault:
    engine: AsyncEngine

    async def count_stale(self, mark: bytes) -> int:
        async with self.engine.connect() as connection:
            found = await connection.execute(COUNT, {"mark": mark, "length": len(mark)})
            return int(found.scalar_one())

    async def stale(self, mark: bytes, after: Place | None, limit: int) -> Sequence[Kept]:
        (last,) = after or ("",)
        async with self.engine.connect() as connection:
            asked = {"mark": mark, "length": len(mark), "after": last, "most": limit}
            found = await connection.execute(NEXT, asked)
            return [Kept((intent,), about(intent), sealed) for intent, sealed in found]

    async def replace(self, kept: Kept, sealed: bytes) -> None:
        (intent,) = kept.place
        async with self.engine.connect() as connection:
            await connection.execute(REPLACE, {"new": sealed, "id": intent, "old": kept.sealed})
