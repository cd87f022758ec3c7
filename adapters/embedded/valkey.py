"""Valkey (or Redis) as a server of our own: its settings, and how to tell that it is ready."""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from adapters.embedded import programs
from adapters.embedded.account import Account
from adapters.embedded.ports import LOOPBACK
from adapters.embedded.processes import spawn
from adapters.embedded.state import Seat

PROGRAMS = ("valkey-server", "redis-server")
PATIENCE = 1.0  # seconds for an answer on the loopback


@dataclass(frozen=True, slots=True)
class Valkey:
    """Jobs, caches and limits, kept in `home` by an append-only file that is flushed once a second."""

    home: Path
    seat: Seat
    token: str
    account: Account

    name: ClassVar[str] = "valkey"
    endings: ClassVar[Sequence[tuple[int, float]]] = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0))

    @property
    def url(self) -> str:
        return f"redis://:{self.seat.password}@{LOOPBACK}:{self.seat.port}/0"

    def is_mine(self, command: Sequence[str]) -> bool:
        """By the title that the server gives itself."""
        words = " ".join(command).split()
        return words[-1:] == [self.token] and any(name in command[0] for name in PROGRAMS)

    def is_main(self, command: Sequence[str]) -> bool:
        return self.is_mine(command)

    def prepare(self, log: IO[bytes]) -> None:
        if not self.home.exists():
            self.home.mkdir(mode=0o700)
            self.account.own(self.home)

    def recover(self) -> None:
        """Nothing: an append-only file that ends in the middle of a write is cut by the server itself."""

    def spawn(self, port: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """The settings go by stdin: a password on a command line could be read by everybody."""
        with tempfile.TemporaryFile() as settings:
            settings.write(self._settings(port).encode())
            settings.seek(0)
            return spawn([programs.valkey(self.account), "-"], self.home, self.account, settings, log)

    def is_ready(self) -> bool:
        """Whether it answers a PING after our password: then it is ours, and has read its file."""
        try:
            with socket.create_connection((LOOPBACK, self.seat.port), PATIENCE) as connection:
                connection.sendall(f"AUTH {self.seat.password}\r\nPING\r\n".encode())
                return _lines(connection, 2) == [b"+OK", b"+PONG"]
        except OSError:
            return False

    def _settings(self, port: int) -> str:
        settings = {
            "bind": LOOPBACK,
            "port": port,
            "requirepass": self.seat.password,
            "dir": ".",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",  # jobs live here too
            "proc-title-template": f'"{{title}} {{listen-addr}} {self.token}"',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())


def _lines(connection: socket.socket, wanted: int) -> list[bytes]:
    received = b""
    while received.count(b"\r\n") < wanted and (more := connection.recv(1024)):
        received += more
    return received.split(b"\r\n")[:wanted]
