"""The composition root: which adapter stands behind which port. The one package that knows them all.

Its parts are imported late: `tradepost up` asks for the embedded servers only and shall stay small.
"""

from pathlib import Path

import msgspec
from dishka import AsyncContainer, Provider, make_async_container

from adapters.embedded import EmbeddedServers
from adapters.embedded import running as running_servers
from entrypoints.settings import Settings


def make_container(settings: Settings, *instead: Provider) -> AsyncContainer:
    """The shop on its machines, but for what `instead` provides. Close it to give its connections back."""
    from entrypoints.container.machines import OnMachines
    from entrypoints.container.watching import WatchedMachines

    return _container(settings, OnMachines(), WatchedMachines(), *_searching(settings), *instead)


def make_memory_container(settings: Settings, *instead: Provider) -> AsyncContainer:
    """The shop in memory, whole, alone in its process, but for what `instead` provides."""
    from entrypoints.container.memory import InMemory

    return _container(settings, InMemory(), *_searching(settings), *instead)


def _searching(settings: Settings) -> tuple[Provider, ...]:
    if not settings.meili_url:
        return ()
    from entrypoints.container.searching import OnMeilisearch

    return (OnMeilisearch(),)


def _container(settings: Settings, *adapters: Provider) -> AsyncContainer:
    from entrypoints.container.basics import Basics
    from entrypoints.container.handlers import EventHandlers
    from entrypoints.container.use_cases import UseCases

    return make_async_container(Basics(settings), UseCases(), EventHandlers(), *adapters)


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
    from adapters.postgres import migrate

    await migrate.upgrade(settings.needed("database_url"), revision)


async def migrate_down(settings: Settings, revision: str) -> None:
    from adapters.postgres import migrate

    await migrate.downgrade(settings.needed("database_url"), revision)
