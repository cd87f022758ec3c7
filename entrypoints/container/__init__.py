"""The composition root: which adapter stands behind which port. The one package that knows them all."""

from pathlib import Path

import msgspec
from dishka import AsyncContainer, make_async_container

from adapters.embedded import EmbeddedServers
from adapters.embedded import running as running_servers
from adapters.postgres import migrate
from entrypoints.container.basics import Basics, needed
from entrypoints.container.machines import OnMachines
from entrypoints.container.memory import InMemory
from entrypoints.container.use_cases import UseCases
from entrypoints.settings import Settings

__all__ = [
    "embedded_servers",
    "make_container",
    "make_memory_container",
    "migrate_down",
    "migrate_up",
    "on_running_servers",
]


def make_container(settings: Settings) -> AsyncContainer:
    """The shop on its machines. Close it to give its connections back."""
    return make_async_container(Basics(settings), UseCases(), OnMachines())


def make_memory_container(settings: Settings) -> AsyncContainer:
    """The shop in memory, whole, alone in its process."""
    return make_async_container(Basics(settings), UseCases(), InMemory())


def embedded_servers(data_dir: Path, *, database: bool, redis: bool) -> EmbeddedServers:
    """PostgreSQL and Valkey of our own, not started yet."""
    return EmbeddedServers(data_dir, database=database, redis=redis)


def on_running_servers(settings: Settings) -> Settings:
    """The settings with the addresses of the servers that a running `tradepost up` has, where none are given."""
    found = running_servers(settings.data_dir)
    if found is None:
        return settings
    return msgspec.structs.replace(
        settings,
        database_url=settings.database_url or found.database_url,
        redis_url=settings.redis_url or found.redis_url,
    )


async def migrate_up(settings: Settings, revision: str = "head") -> None:
    await migrate.upgrade(needed("DATABASE_URL", settings.database_url), revision)


async def migrate_down(settings: Settings, revision: str) -> None:
    await migrate.downgrade(needed("DATABASE_URL", settings.database_url), revision)
