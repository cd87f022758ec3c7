"""One server under our care: adopted if it runs already, started if not, started again when it dies."""

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, ClassVar, Protocol

import psutil

from adapters.embedded import ports, processes
from adapters.embedded.account import Account
from adapters.embedded.errors import EmbeddedServerError
from adapters.embedded.state import Seat

READY_WITHIN = 120.0  # seconds; a crash recovery may have much to replay
ADOPTED_WITHIN = 10.0
POLL_EVERY = 0.01
PORTS_TRIED = 5
LOG_LIMIT = 10_000_000  # bytes; beyond it a log starts afresh, the old one is kept beside it
KILL = ((9, 10.0),)


class Machine(Protocol):
    """What must be known of a kind of server: PostgreSQL, Valkey."""

    name: ClassVar[str]
    endings: ClassVar[Sequence[tuple[int, float]]]

    @property
    def home(self) -> Path: ...
    @property
    def seat(self) -> Seat: ...
    @property
    def account(self) -> Account: ...
    def is_mine(self, command: Sequence[str]) -> bool: ...
    def is_main(self, command: Sequence[str]) -> bool: ...
    def prepare(self, log: IO[bytes]) -> None: ...
    def recover(self) -> None: ...
    def spawn(self, port: int, log: IO[bytes]) -> subprocess.Popen[bytes]: ...
    def is_ready(self) -> bool: ...


class Supervised:
    """Runs a machine. `keep_seat` is called when its port is chosen, before anything listens there."""

    def __init__(self, machine: Machine, log: Path, keep_seat: Callable[[], None]) -> None:
        self.machine = machine
        self._log = log
        self._keep_seat = keep_seat
        self._process: psutil.Process | None = None
        self._child: subprocess.Popen[bytes] | None = None  # None for an adopted one

    def start(self) -> None:
        """Return when it takes connections; EmbeddedServerError, with the end of its log, when it will not."""
        if self._adopt():
            return
        self._clear()
        with self._open_log() as log:
            self.machine.prepare(log)
            for _ in range(PORTS_TRIED):
                self.machine.seat.port = port = ports.choose(self.machine.seat.port)
                self._keep_seat()
                self._child = self.machine.spawn(port, log)
                self._process = psutil.Process(self._child.pid)
                if self._becomes_ready(READY_WITHIN):
                    return
                self._clear()
                if ports.is_free(port):
                    break
        raise EmbeddedServerError(f"{self.machine.name} does not start. The end of {self._log}:\n{self._last_words()}")

    def is_alive(self) -> bool:
        """Whether its main process runs; it says nothing of how well."""
        return self._process is not None and processes.is_alive(self._process)

    def stop(self) -> None:
        """End it in good order; EmbeddedServerError if even SIGKILL left something."""
        if self._process is not None:
            processes.end([self._process], self.machine.endings)
            self._process = None
        self._clear()

    def _adopt(self) -> bool:
        """Take over what an earlier start left running."""
        found = processes.find(self.machine.is_main, self.machine.account)
        if len(found) != 1:
            return False
        self._process = found[0]
        return self._becomes_ready(ADOPTED_WITHIN)

    def _clear(self) -> None:
        """End what is left of an earlier run, and what it left on disk."""
        left = processes.find(self.machine.is_mine, self.machine.account)
        if not processes.end(left, KILL):
            raise EmbeddedServerError(f"cannot end {self.machine.name}, pids {', '.join(str(p.pid) for p in left)}")
        if self._child is not None:
            self._child.poll()  # so that no zombie stays
            self._child = None
        self.machine.recover()

    def _becomes_ready(self, within: float) -> bool:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if not self.is_alive():
                return False
            if self.machine.is_ready():
                return True
            time.sleep(POLL_EVERY)
        return False

    def _open_log(self) -> IO[bytes]:
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT:
            self._log.replace(self._log.with_suffix(".log.1"))
        return self._log.open("ab")

    def _last_words(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])
