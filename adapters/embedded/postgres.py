"""PostgreSQL as a server of our own: its cluster, its command line, and how to tell that it is ready."""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from adapters.embedded import programs
from adapters.embedded.account import Account
from adapters.embedded.errors import EmbeddedServerError
from adapters.embedded.ports import LOOPBACK
from adapters.embedded.processes import plain_environment, spawn
from adapters.embedded.state import Seat

HBA = "# Loopback only, by password only.\nhost all all 127.0.0.1/32 scram-sha-256\n"
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "16",
    "jit": "off",  # short statements: compiling costs more than it gives
    "max_parallel_workers_per_gather": "0",  # and so do parallel workers
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "timezone": "UTC",
}
STATUS_LINE = 7  # of postmaster.pid
BUILTIN_LOCALES = 17  # the first version that has them


@dataclass(frozen=True, slots=True)
class Postgres:
    """The database `tradepost` of user `tradepost`, in `home`. Data survives power cuts (fsync stays on)."""

    home: Path
    seat: Seat
    token: str
    account: Account

    name: ClassVar[str] = "postgres"
    endings: ClassVar[Sequence[tuple[int, float]]] = (
        (signal.SIGINT, 30.0),
        (signal.SIGQUIT, 5.0),
        (signal.SIGKILL, 5.0),
    )
    """Fast shutdown, immediate shutdown, the axe; with the seconds that each is given."""

    @property
    def url(self) -> str:
        return f"postgresql://tradepost:{self.seat.password}@{LOOPBACK}:{self.seat.port}/tradepost"

    def is_mine(self, command: Sequence[str]) -> bool:
        """The postmaster, or one of its children, which also outlive it for a moment."""
        return self.is_main(command) or " ".join(command).startswith(f"postgres: {self.token}: ")

    def is_main(self, command: Sequence[str]) -> bool:
        return f"cluster_name={self.token}" in command and Path(command[0]).name == "postgres"

    def prepare(self, log: IO[bytes]) -> None:
        """Make the cluster if there is none. It appears whole or not at all."""
        if self.home.exists():
            return
        for unfinished in self.home.parent.glob("postgres.new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.home.parent))
        self.account.own(fresh)
        try:
            self._initialise(fresh, log)
            fresh.rename(self.home)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)  # nothing is left of it after the rename

    def recover(self) -> None:
        """Forget a postmaster that is gone: its number may be another process's by now."""
        (self.home / "postmaster.pid").unlink(missing_ok=True)

    def spawn(self, port: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
        settings = {**SETTINGS, "port": str(port), "cluster_name": self.token}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        program = programs.postgres(self.account) / "postgres"
        return spawn([program, "-D", self._here(), *options], self.home, self.account, subprocess.DEVNULL, log)

    def is_ready(self) -> bool:
        """As the postmaster says in its file: it takes connections."""
        try:
            lines = (self.home / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"

    def _here(self) -> str:
        """The working directory, by a name that works even if the path to it is closed to the account."""
        return "/proc/self/cwd" if self.account.lent and sys.platform == "linux" else "."

    def _initialise(self, fresh: Path, log: IO[bytes]) -> None:
        programs_dir = programs.postgres(self.account)
        with tempfile.TemporaryFile() as password:
            password.write(f"{self.seat.password}\n".encode())
            password.seek(0)
            self.account.own_open_file(password.fileno())
            locale = ["--encoding=UTF8", *_locale(programs_dir / "postgres")]
            access = ["--username=tradepost", "--auth=scram-sha-256", "--pwfile=/dev/stdin"]
            self._run([programs_dir / "initdb", "-D", self._here(), *locale, *access], fresh, password, log)
        with tempfile.TemporaryFile() as statements:
            statements.write(b"CREATE DATABASE tradepost\n")
            statements.seek(0)
            self._run([programs_dir / "postgres", "--single", "-D", self._here(), "postgres"], fresh, statements, log)
        (fresh / "pg_hba.conf").write_text(HBA)

    def _run(self, command: Sequence[str | Path], cwd: Path, stdin: IO[bytes], log: IO[bytes]) -> None:
        with spawn(command, cwd, self.account, stdin, log) as process:
            code = process.wait()
        if code != 0:
            raise EmbeddedServerError(f"{Path(command[0]).name} failed with code {code}: see {log.name}")


def _locale(program: Path) -> list[str]:
    version = subprocess.run(
        [program, "--version"], env=plain_environment(), capture_output=True, check=True, text=True
    ).stdout
    major = re.search(r"\d+", version)
    builtin = major is not None and int(major.group()) >= BUILTIN_LOCALES
    return ["--locale-provider=builtin" if builtin else "--locale-provider=libc", "--locale=C.UTF-8"]
