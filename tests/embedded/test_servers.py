"""The servers as they are when all goes well."""

from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from adapters.embedded import EmbeddedServerError, EmbeddedServers, running
from tests.embedded.asking import one, processes, sql, store


async def test_a_first_start_gives_a_database_and_a_store_that_answer(servers: EmbeddedServers) -> None:
    addresses = servers.start()
    assert await sql(addresses, "SELECT current_database() || ' of ' || current_user") == "tradepost of tradepost"
    assert (await sql(addresses, "SELECT version()")).startswith("PostgreSQL 18")
    assert await sql(addresses, "SHOW server_encoding") == "UTF8"
    assert await sql(addresses, "SHOW fsync") == "on"
    assert await sql(addresses, "SELECT 'Ä' ILIKE 'ä'")
    assert store(addresses).ping()


async def test_what_was_written_is_there_after_the_next_start_at_the_same_address(data_dir: Path) -> None:
    first = EmbeddedServers(data_dir)
    before = first.start()
    await sql(before, "CREATE TABLE lamp AS SELECT 3 AS stock")
    store(before).set("lamp", 3)
    first.stop()
    second = EmbeddedServers(data_dir)
    after = second.start()
    try:
        assert after == before
        assert await sql(after, "SELECT stock FROM lamp") == 3
        assert store(after).get("lamp") == b"3"
    finally:
        second.stop()


async def test_a_stranger_without_the_password_stays_outside(servers: EmbeddedServers) -> None:
    addresses = servers.start()
    assert addresses.database_url and addresses.redis_url
    host = addresses.database_url.partition("@")[2]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://tradepost:wrong@{host}")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(f"redis://{addresses.redis_url.partition('@')[2]}").ping()


def test_they_listen_on_the_loopback_only(servers: EmbeddedServers, data_dir: Path) -> None:
    servers.start()
    listening = [
        connection.laddr.ip
        for name in ("postgres", "valkey")
        for connection in one(data_dir, name).net_connections("all")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1", "127.0.0.1"]


def test_passwords_are_for_the_owner_only_and_on_no_command_line(servers: EmbeddedServers, data_dir: Path) -> None:
    addresses = servers.start()
    assert addresses.database_url and addresses.redis_url
    secrets = [url.split(":")[2].partition("@")[0] for url in (addresses.database_url, addresses.redis_url)]
    assert (data_dir / "embedded.json").stat().st_mode & 0o777 == 0o600
    assert not [word for process in processes(data_dir) for word in process.cmdline() if word in secrets]


def test_one_supervisor_per_directory(servers: EmbeddedServers, data_dir: Path) -> None:
    addresses = servers.start()
    with pytest.raises(EmbeddedServerError, match=rf"in use by another tradepost \(pid {psutil.Process().pid}\)"):
        EmbeddedServers(data_dir).start()
    assert store(addresses).ping()


def test_other_commands_find_them_while_they_run(servers: EmbeddedServers, data_dir: Path) -> None:
    assert running(data_dir) is None
    addresses = servers.start()
    assert running(data_dir) == addresses
    servers.stop()
    assert running(data_dir) is None


def test_only_what_is_wanted_is_started(data_dir: Path) -> None:
    servers = EmbeddedServers(data_dir, database=False)
    addresses = servers.start()
    try:
        assert addresses.database_url is None
        assert store(addresses).ping()
        assert not (data_dir / "postgres").exists()
        assert running(data_dir) == addresses
    finally:
        servers.stop()


def test_two_shops_live_side_by_side(servers: EmbeddedServers, tmp_path: Path) -> None:
    ours = servers.start()
    neighbour = EmbeddedServers(tmp_path / "next door")
    theirs = neighbour.start()
    assert {ours.database_url, ours.redis_url}.isdisjoint({theirs.database_url, theirs.redis_url})
    neighbour.stop()
    assert not processes(tmp_path / "next door")
    assert servers.check() == ()
    assert store(ours).ping()
