"""Bring the schema up or down: Alembic under an advisory lock, so that two starts at once migrate once."""

from collections.abc import Callable
from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from adapters.postgres.database import driver_url
from domain.errors import InvalidField

LOCK = 7_305_104_112  # any number that nobody else uses


async def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations that are missing, each in a transaction of its own. Raises InvalidField for no revision."""
    await _locked(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to the revision; "base" undoes all. Raises InvalidField for what is no revision."""
    await _locked(url, lambda config: command.downgrade(config, revision))


async def _locked(url: str, run: Callable[[Config], None]) -> None:
    def migrate(connection: Connection) -> None:
        ours = config()
        ours.attributes["connection"] = connection
        try:
            run(ours)
        except CommandError as error:
            raise InvalidField("revision", "invalid-choice", str(error)) from error

    engine = create_async_engine(driver_url(url), poolclass=NullPool)
    async with engine.connect() as guard, engine.connect() as connection:
        await guard.execute(text("select pg_advisory_lock(:key)"), {"key": LOCK})
        await connection.run_sync(migrate)
        await connection.commit()
        await guard.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
    await engine.dispose()


def config() -> Config:
    """Alembic, told where our migrations are."""
    with as_file(files("adapters.postgres.migrations")) as folder:
        found = Config()
        found.set_main_option("script_location", str(folder).replace("%", "%%"))
        return found
