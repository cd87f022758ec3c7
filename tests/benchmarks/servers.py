"""The machines and processes that are measured: PostgreSQL and Valkey, `tradepost serve`, `tradepost worker`."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from adapters.embedded import EmbeddedServers
from adapters.embedded.ports import choose
from entrypoints.children import Child
from entrypoints.settings import Settings
from tests.benchmarks.client import Load, request

SECRET = "a secret for benchmarks, long enough"
CLI = ("-m", "entrypoints.cli")
RUNTIME = Path(".venv/bin/python")  # the environment of `make run`, which has none of the workshop's libraries
TO_A_FILE = 'log="$1"; shift; exec "$@" >>"$log" 2>&1'
PATIENCE = 60.0  # seconds
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Machines:
    """Where the servers are, and what the shop's processes are told."""

    folder: Path
    database_url: str
    redis_url: str

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.folder, secret_key=SECRET, database_url=self.database_url, redis_url=self.redis_url
        )

    def environment(self, **more: str) -> dict[str, str]:
        """A clean one, so that the user's own settings change nothing."""
        return {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": SECRET,
            "RATE_LIMITS": "off",
            **more,
        }


@contextmanager
def machines() -> Iterator[Machines]:
    """PostgreSQL and Valkey in a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tradepost-bench-") as folder:
        servers = EmbeddedServers(Path(folder))
        addresses = servers.start()
        try:
            assert addresses.database_url
            assert addresses.redis_url
            yield Machines(Path(folder), addresses.database_url, addresses.redis_url)
        finally:
            servers.stop()


@contextmanager
def process(machines: Machines, name: str, *command: str, **environment: str) -> Iterator[Child]:
    """A Python process of the shop; its log goes to a file, as it would to a collector."""
    log = str(machines.folder / f"{name}.log")
    python = str(RUNTIME.absolute()) if RUNTIME.exists() else sys.executable
    child = Child(name, ("sh", "-c", TO_A_FILE, "sh", log, python, *command))
    child.start(machines.environment(**environment))
    child.go()
    try:
        yield child
    finally:
        child.stop()


@dataclass(frozen=True, slots=True)
class Web:
    """A web server that answers."""

    child: Child
    port: int


@asynccontextmanager
async def web(machines: Machines, name: str, *command: str, workers: int = 2, **environment: str) -> AsyncIterator[Web]:
    """A web server of so many processes, once all of it answers."""
    port = choose(0)
    with process(machines, name, *command, PORT=str(port), WEB_WORKERS=str(workers), **environment) as child:
        await _until_it_answers(child, port, machines.folder / f"{name}.log")
        yield Web(child, port)


async def _until_it_answers(child: Child, port: int, log: Path) -> None:
    """On several connections, so that each of its processes is asked."""
    async with asyncio.timeout(PATIENCE):
        while child.is_alive():
            if await _all_answer(port):
                return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"the server ended: {log.read_text()[-2000:]}")


async def _all_answer(port: int) -> bool:
    try:
        async with Load.on(port, 8) as load:
            return not (await load.run([iter([request("GET", "/health/ready/")]) for _ in range(8)])).refused
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB of a process and its children. RSS counts shared pages in each of them, PSS once in all."""

    rss: float
    pss: float


def memory(child: Child) -> Memory:
    assert child.pid
    leader = psutil.Process(child.pid)
    used = [one.memory_full_info() for one in (leader, *leader.children(recursive=True))]
    return Memory(sum(one.rss for one in used) / MEBIBYTE, sum(getattr(one, "pss", one.uss) for one in used) / MEBIBYTE)
