"""The servers after accidents: killed, left behind, robbed of their ports."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from adapters.embedded import EmbeddedServerError, EmbeddedServers
from tests.embedded.asking import one, processes, sql, store, until

KILLED_SUPERVISOR = """
import os, sys
from pathlib import Path
from adapters.embedded import EmbeddedServers
EmbeddedServers(Path(sys.argv[1])).start()
os.kill(os.getpid(), 9)
"""


async def test_a_killed_database_comes_back_with_what_was_committed(servers: EmbeddedServers, data_dir: Path) -> None:
    addresses = servers.start()
    await sql(addresses, "CREATE TABLE lamp AS SELECT 3 AS stock")
    assert addresses.database_url
    busy = await asyncpg.connect(addresses.database_url)  # an orphan once its postmaster is gone
    main = one(data_dir, "postgres")
    main.kill()
    until(lambda: main.status() == psutil.STATUS_ZOMBIE)
    assert servers.check() == ("postgres",)
    assert servers.addresses == addresses
    assert await sql(addresses, "SELECT stock FROM lamp") == 3
    busy.terminate()


def test_a_killed_store_comes_back_with_what_was_written(servers: EmbeddedServers, data_dir: Path) -> None:
    addresses = servers.start()
    store(addresses).set("lamp", 3)
    main = one(data_dir, "valkey")
    main.kill()
    until(lambda: main.status() == psutil.STATUS_ZOMBIE)
    assert servers.check() == ("valkey",)
    assert store(addresses).get("lamp") == b"3"


def test_servers_of_a_killed_supervisor_are_taken_over(servers: EmbeddedServers, data_dir: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_SUPERVISOR, data_dir], check=False)
    assert killed.returncode == -9
    left = {name: one(data_dir, name).pid for name in ("postgres", "valkey")}
    addresses = servers.start()
    assert {name: one(data_dir, name).pid for name in ("postgres", "valkey")} == left
    assert store(addresses).ping()
    servers.stop()
    until(lambda: not processes(data_dir))


async def test_a_pid_file_that_names_somebody_else_is_not_believed(data_dir: Path) -> None:
    first = EmbeddedServers(data_dir, redis=False)
    first.start()
    first.stop()
    with bystander(data_dir / "postgres") as other:
        stale = f"{other.pid}\n.\n1\n1\n\n127.0.0.1\n1 1\nready\n"
        (data_dir / "postgres" / "postmaster.pid").write_text(stale)
        second = EmbeddedServers(data_dir, redis=False)
        try:
            assert await sql(second.start(), "SELECT 1") == 1
            assert other.poll() is None
        finally:
            second.stop()
            other.communicate(b"\n")


def test_a_taken_port_is_left_to_who_has_it_and_the_new_one_is_remembered(data_dir: Path) -> None:
    first = EmbeddedServers(data_dir, database=False)
    before = first.start()
    first.stop()
    with _on_port_of(before.redis_url):
        second = EmbeddedServers(data_dir, database=False)
        moved = second.start()
        assert moved.redis_url != before.redis_url
        second.stop()
    third = EmbeddedServers(data_dir, database=False)
    try:
        assert third.start() == moved
    finally:
        third.stop()


def test_a_port_taken_while_the_server_was_dead_moves_it(data_dir: Path) -> None:
    servers = EmbeddedServers(data_dir, database=False)
    before = servers.start()
    main = one(data_dir, "valkey")
    main.kill()
    until(lambda: main.status() == psutil.STATUS_ZOMBIE)
    with _on_port_of(before.redis_url):
        assert servers.check() == ("valkey",)
        assert servers.addresses.redis_url != before.redis_url
        assert store(servers.addresses).ping()
        servers.stop()


async def test_a_first_start_that_was_killed_leaves_no_half_database(servers: EmbeddedServers, data_dir: Path) -> None:
    (data_dir / "postgres.new-half").mkdir(parents=True)
    (data_dir / "postgres.new-half" / "PG_VERSION").write_text("18\n")
    assert await sql(servers.start(), "SELECT 1") == 1
    assert not list(data_dir.glob("postgres.new-*"))


def test_a_server_that_will_not_start_says_why(data_dir: Path) -> None:
    first = EmbeddedServers(data_dir, redis=False)
    first.start()
    first.stop()
    (data_dir / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedServerError, match=r"postgres does not start.*(?s:.)*incompatible"):
        EmbeddedServers(data_dir, redis=False).start()
    assert not processes(data_dir)


def test_a_lost_password_is_told_before_anything_is_changed(data_dir: Path) -> None:
    first = EmbeddedServers(data_dir, redis=False)
    first.start()
    first.stop()
    (data_dir / "embedded.json").unlink()
    with pytest.raises(EmbeddedServerError, match=r"embedded\.json with its password is gone"):
        EmbeddedServers(data_dir, redis=False).start()
    assert not (data_dir / "embedded.json").exists()


def test_bystanders_are_left_alone(servers: EmbeddedServers, data_dir: Path) -> None:
    """Even those of the servers' user with our server's name on their command line, as a `grep` for it has."""
    servers.start()
    name = one(data_dir, "valkey").cmdline()[-1]
    with bystander(data_dir / "postgres", f"cluster_name={name}", name) as other:
        servers.stop()
        assert [process.pid for process in processes(data_dir)] == [other.pid]
        assert other.poll() is None
        other.communicate(b"\n")


def bystander(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """A process of the user whose directory that is; it waits for a line."""
    uid = home.stat().st_uid if os.geteuid() == 0 else None
    return subprocess.Popen(["/bin/sh", "-c", "read line", "sh", *words], stdin=subprocess.PIPE, user=uid)


def _on_port_of(url: str | None) -> socket.socket:
    """Once the dead server's last thread has let go of it."""
    assert url
    port = int(url.rpartition(":")[2].partition("/")[0])
    bound: list[socket.socket] = []

    def bind() -> bool:
        with suppress(OSError):
            bound.append(socket.create_server(("127.0.0.1", port)))
        return bool(bound)

    until(bind)
    return bound[0]
