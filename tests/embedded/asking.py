"""What the tests ask a server, and of the processes of a data directory."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import redis

from adapters.embedded import Addresses


async def sql(addresses: Addresses, statement: str) -> Any:
    assert addresses.database_url
    connection = await asyncpg.connect(addresses.database_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def store(addresses: Addresses) -> redis.Redis:
    assert addresses.redis_url
    return redis.Redis.from_url(addresses.redis_url)


def processes(data_dir: Path) -> list[psutil.Process]:
    """Everything that runs for the servers of that directory."""
    token: str = json.loads((data_dir / "embedded.json").read_bytes())["token"]
    return [process for process in psutil.process_iter() if token in _title(process)]


def one(data_dir: Path, word: str) -> psutil.Process:
    """The main process of `postgres` or `valkey`."""
    mark = {"postgres": "cluster_name=", "valkey": "valkey-server"}[word]
    alike = [process for process in processes(data_dir) if mark in _title(process)]
    (found,) = (
        process for process in alike if process.ppid() not in {each.pid for each in alike}
    )  # Valkey forks to save
    return found


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition, and fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
