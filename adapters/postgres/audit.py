"""The audit on PostgreSQL: one query per check, all in one snapshot that blocks nobody."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from adapters.postgres.database import Database
from application.audit import Difference

LIMITS = "set local work_mem = '64MB'; set local jit = off"


@dataclass(frozen=True, slots=True)
class PostgresBooks:
    database: Database

    async def differences(self, most: int) -> dict[str, list[Difference]]:
        found: dict[str, list[Difference]] = {}
        async with self.database.snapshot() as connection:
            await connection.execute(LIMITS)
            for name, query in checks().items():
                rows = await connection.fetch(f"{query} order by 1 limit {most}")
                found[name] = [Difference(name, subject, detail) for subject, detail in rows]
        return found


@cache
def checks() -> dict[str, str]:
    """The queries by what they prove; each yields a row per difference."""
    folder = files("adapters.postgres").joinpath("sql", "audit")
    texts = {entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8") for entry in folder.iterdir()}
    return {name.replace("_", " "): text for name, text in sorted(texts.items())}
