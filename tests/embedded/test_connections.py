"""Who keeps many connections open keeps nobody else waiting."""

import asyncio
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.client import Load, request
from tests.benchmarks.servers import CLI, Machines, web

IDLE = 1_100  # more than 512, which is what Granian takes of itself in each of two processes


@pytest.fixture(autouse=True)
def files() -> Iterator[None]:
    """That so many connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * IDLE)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_idle_connections_leave_room_for_others(postgres_url: str, redis_url: str, tmp_path: Path) -> None:
    machines = Machines(tmp_path, postgres_url, redis_url)
    async with web(machines, "serve", *CLI, "serve", workers=2) as shop, Load.on(shop.port, IDLE) as idle:
        async with Load.on(shop.port, 50) as others:
            answers = await others.ask_at_once([request("GET", "/health/live/")] * 50)
        assert [answer.status for answer in answers] == [200] * 50
        assert not any(connection.transport.is_closing() for connection in idle.connections)
        assert (await asyncio.wait_for(idle.ask(request("GET", "/health/live/")), 10)).status == 200
