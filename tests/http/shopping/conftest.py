"""A shop on PostgreSQL behind its web application, one for each module; tests bring their own people and goods."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import httpx
import pytest

from adapters.embedded import Addresses
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, open_shop
from tests.audit import audit
from tests.conftest import TEMPLATE, on_database
from tests.http.conftest import opened
from tests.http.shopping.callers import Caller, a_caller


@pytest.fixture(scope="module")
async def database(machines: Addresses, template_url: str) -> AsyncIterator[str]:
    assert template_url and machines.database_url is not None
    name = f"shop_{uuid4().hex}"
    server = await asyncpg.connect(machines.database_url)
    await server.execute(f"create database {name} template {TEMPLATE}")
    yield on_database(machines.database_url, name)
    await server.execute(f"drop database {name} with (force)")
    await server.close()


@pytest.fixture(scope="module")
def shop_settings(database: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        environment="test",
        debug=True,
        data_dir=tmp_path_factory.mktemp("shop"),
        secret_key="a secret key for tests, long enough",
        public_base_url="http://shop.test",
        database_url=database,
        redis_url=redis_url,
        rate_limits=False,
    )


@pytest.fixture(scope="module")
async def shop(shop_settings: Settings) -> AsyncIterator[Shop]:
    """Whatever the module's tests did: in the end the books must balance."""
    async with open_shop(shop_settings) as made:
        yield made
        made.clock.pass_(timedelta(minutes=1))
        await made.run_jobs()
        await audit(made.container)


@pytest.fixture(scope="module")
async def client(shop: Shop, shop_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(build_app(shop_settings, shop.container)) as client:
        yield client


@pytest.fixture
async def ann(shop: Shop, client: httpx.AsyncClient) -> Caller:
    return await a_caller(shop, client)


@pytest.fixture
async def bob(shop: Shop, client: httpx.AsyncClient) -> Caller:
    return await a_caller(shop, client)
