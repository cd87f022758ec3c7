"""Bring the schema up or down: Alembic under an advisory lock, so that two starts at once migrate once."""

from collections.abc import Callable
from importlib.resources import as_file, files

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.database import driver_url

LOCK = 7_305_104_112  # any number that nobody else uses
VERSION = "select version_num from alembic_version"


async def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations that are missing, each in a transaction of its own."""
    await _locked(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to the revision; "base" undoes all."""
    await _locked(url, lambda config: command.downgrade(config, revision))


async def is_current(connection: asyncpg.Connection) -> bool:
    """Whether the schema is the one that this code wants."""
    try:
        return bool(await connection.fetchval(VERSION) == head())
    except asyncpg.UndefinedTableError:
        return False


def head() -> str | None:
    """The newest revision that the code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def _locked(url: str, run: Callable[[Config], None]) -> None:
    def migrate(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        run(config)

    engine = create_async_engine(driver_url(url), poolclass=NullPool)
    async with engine.connect() as guard, engine.connect() as connection:
        await guard.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        await connection.run_sync(migrate)
        await connection.commit()
        await guard.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
    await engine.dispose()


def _config() -> Config:
    with as_file(files("adapters.postgres.migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        return config
