"""A worker whose machines go away and come back, and workers that are killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy.engine import make_url

from adapters.postgres.database import Database
from entrypoints.container import make_container
from entrypoints.settings import Settings
from tests.worker.conftest import TinyShop, at_work, eventually, proxied

CLI = (sys.executable, "-m", "entrypoints.cli")


def moved(url: str, port: int) -> str:
    """The address of the same machine behind another port."""
    return make_url(url).set(port=port).render_as_string(hide_password=False)


def port_of(url: str | None) -> int:
    assert url is not None
    port = make_url(url).port
    assert port is not None
    return port


async def test_without_redis_mail_is_sent_and_with_it_back_hints_are_heard_again(
    shop: TinyShop, redis: Redis, machine_settings: Settings
) -> None:
    assert machine_settings.redis_url is not None
    async with proxied("127.0.0.1", port_of(machine_settings.redis_url)) as proxy:
        behind = msgspec.structs.replace(machine_settings, redis_url=moved(machine_settings.redis_url, proxy.port))
        container = make_container(behind)
        worker = await TinyShop(container, shop.customer, shop.product).worker()
        async with at_work(worker):
            await proxy.cut()
            await shop.sell()
            await shop.all_mailed(1)
            await proxy.mend()
            await eventually(lambda: hears_pokes(redis))
            await shop.sell()
            await shop.all_mailed(2)
        await container.close()


async def test_a_worker_starts_without_redis(shop: TinyShop, machine_settings: Settings) -> None:
    async with proxied("127.0.0.1", 1) as proxy:
        pass  # nobody listens there any more
    assert machine_settings.redis_url is not None
    behind = msgspec.structs.replace(machine_settings, redis_url=moved(machine_settings.redis_url, proxy.port))
    container = make_container(behind)
    async with at_work(await TinyShop(container, shop.customer, shop.product).worker()):
        await shop.sell()
        await shop.all_mailed(1)
    await container.close()


async def test_while_the_database_is_away_a_worker_says_so_once_and_goes_on_when_it_is_back(
    shop: TinyShop, machine_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tradepost")
    assert machine_settings.database_url is not None
    async with proxied("127.0.0.1", port_of(machine_settings.database_url)) as proxy:
        url = moved(machine_settings.database_url, proxy.port)
        container = make_container(msgspec.structs.replace(machine_settings, database_url=url))
        worker = await TinyShop(container, shop.customer, shop.product).worker()
        async with at_work(worker):
            await shop.sell()
            await shop.all_mailed(1)
            await proxy.cut()
            await eventually(lambda: said(caplog, "database is away; trying until it is back"))
            await shop.sell()
            await proxy.mend()
            await shop.all_mailed(2)
            await eventually(lambda: said(caplog, "database is back"))
        await container.close()
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("tradepost")]
    assert lines == ["database is away; trying until it is back", "database is back"]


async def hears_pokes(redis: Redis) -> bool:
    ((_, listeners),) = await redis.pubsub_numsub("tradepost:wake")
    return bool(listeners)


async def said(caplog: pytest.LogCaptureFixture, line: str) -> bool:
    return line in caplog.messages


@asynccontextmanager
async def a_process(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """`tradepost worker` as a process of its own; killed at the end if it lives."""
    ours = {
        "ENVIRONMENT": settings.environment,
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "DATA_DIR": str(settings.data_dir),
        "SECRET_KEY": settings.secret_key or "",
        "PUBLIC_BASE_URL": settings.public_base_url,
    }
    process = await asyncio.create_subprocess_exec(*CLI, "worker", env={**os.environ, **ours})
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_worker_that_is_killed_in_the_middle_loses_no_mail_and_sends_none_twice(
    shop: TinyShop, machine_settings: Settings
) -> None:
    for _ in range(100):
        await shop.sell()
    async with a_process(machine_settings) as first, deliveries_frozen(shop, after=some_mail):
        await eventually(lambda: is_stuck(shop))
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert await shop.owing() > 0
    # What it had leased comes back when the lease ends: let that time be over.
    await shop.sql("update delivery set due_at = due_at - interval '30 s' where done_at is null returning 1")
    async with a_process(machine_settings):
        await shop.all_mailed(100)
    numbers = {mail.subject for mail in await shop.mail()}
    assert len(numbers) == 100


@asynccontextmanager
async def deliveries_frozen(shop: TinyShop, after: Callable[[TinyShop], Awaitable[bool]]) -> AsyncIterator[None]:
    """Within, nobody can write down what became of a delivery."""
    await eventually(lambda: after(shop))
    database = await shop.container.get(Database)
    async with database.transaction() as connection:
        await connection.execute("lock table delivery in share mode")
        yield


async def is_stuck(shop: TinyShop) -> bool:
    return bool(await shop.sql("select count(*) from pg_locks where relation = 'delivery'::regclass and not granted"))


async def test_a_worker_ends_in_good_order_when_it_is_asked_to(shop: TinyShop, machine_settings: Settings) -> None:
    async with a_process(machine_settings) as worker:
        await shop.sell()
        await shop.all_mailed(1)
        worker.terminate()
        async with asyncio.timeout(15):
            assert await worker.wait() == 0


async def some_mail(shop: TinyShop) -> bool:
    return bool(await shop.mail())
