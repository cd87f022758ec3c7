"""The machines that tests run on: one PostgreSQL and one Valkey per test process, a database per test."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from dishka import AsyncContainer
from redis import Redis
from sqlalchemy.engine import make_url

from adapters.embedded import Addresses, EmbeddedServers
from adapters.postgres import migrate
from application.ports import Store
from entrypoints.container import make_container, make_memory_container
from entrypoints.settings import Settings

TEMPLATE = "template_shop"


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    servers = EmbeddedServers(tmp_path_factory.mktemp("machines"))
    yield servers.start()
    servers.stop()


@pytest.fixture(scope="session")
def redis_url(machines: Addresses) -> str:
    assert machines.redis_url is not None
    return machines.redis_url


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """A server that plays S3."""
    from moto.server import ThreadedMotoServer  # takes a while to import

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def template_url(machines: Addresses) -> str:
    """A migrated database that nobody connects to; the others are copies of it."""
    assert machines.database_url is not None
    finish(_command(machines.database_url, f"create database {TEMPLATE}"))
    url = on_database(machines.database_url, TEMPLATE)
    finish(migrate.upgrade(url))
    return url


@pytest.fixture
def postgres_url(machines: Addresses, template_url: str) -> Iterator[str]:
    """A fresh, migrated database for one test."""
    assert machines.database_url is not None
    name = f"shop_{uuid4().hex}"
    finish(_command(machines.database_url, f"create database {name} template {TEMPLATE}"))
    yield on_database(machines.database_url, name)
    finish(_command(machines.database_url, f"drop database {name} with (force)"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        environment="test",
        data_dir=tmp_path / "data",
        secret_key="a secret key for tests, long enough",
        public_base_url="http://shop.test",
        rate_limits=False,
    )


@pytest.fixture(params=["memory", "postgres"])
async def container(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[AsyncContainer]:
    """A whole shop: in memory, and on PostgreSQL and Valkey."""
    if request.param == "memory":
        made = make_memory_container(settings)
    else:
        made = make_container(on_machines(request, settings))
    yield made
    await made.close()


@pytest.fixture
async def postgres_container(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[AsyncContainer]:
    made = make_container(on_machines(request, settings))
    yield made
    await made.close()


@pytest.fixture
async def store(container: AsyncContainer) -> Store:
    found: Store = await container.get(Store)
    return found


def on_machines(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The settings with a database of this test's own, and a Valkey that knows nothing of the tests before."""
    database_url, redis_url = request.getfixturevalue("postgres_url"), request.getfixturevalue("redis_url")
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return Settings(**{**values, "database_url": database_url, "redis_url": redis_url})


def on_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Do it in a loop of its own, whether or not one runs here: fixtures are asked for from both worlds."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def _command(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
