"""The web application as `tradepost serve` runs it: with all that it needs imported before its processes are forked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from entrypoints import logging
from entrypoints.container import basics, machines, make_container, on_running_servers, use_cases
from entrypoints.http.app import build_app
from entrypoints.settings import load, with_keepsakes

SHARED = (basics, machines, use_cases)  # by all processes, in memory: some 30 MB that each would have for itself


def create_app() -> Litestar:
    """Called once in each web process."""
    settings = on_running_servers(with_keepsakes(load()))
    logging.configure(settings.log_level)
    container = make_container(settings)

    @asynccontextmanager
    async def closing(_: Litestar) -> AsyncIterator[None]:
        yield
        await container.close()

    return build_app(settings, container, lifespan=[closing])
