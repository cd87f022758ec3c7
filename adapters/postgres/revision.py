"""Which revision of the schema the code wants, and whether the database has it; without Alembic, which is large."""

from functools import cache
from importlib.resources import files

import asyncpg

PRESENT = "select version_num from alembic_version"


@cache
def head() -> str:
    """The newest migration's revision: the number in its file's name."""
    names = (entry.name for entry in files("adapters.postgres.migrations.versions").iterdir())
    return max(name.removeprefix("m").partition("_")[0] for name in names if name.startswith("m"))


async def is_current(connection: asyncpg.Connection) -> bool:
    try:
        return bool(await connection.fetchval(PRESENT) == head())
    except asyncpg.UndefinedTableError:
        return False
