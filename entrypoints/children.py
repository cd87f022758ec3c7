"""The shop's own processes under `tradepost up`: started, started again when they die, ended in good order."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

from entrypoints.lifeline import VARIABLE, Lifeline

FIRST_PAUSE = 0.5  # seconds before a dead child is started again; doubled each time, up to
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0  # seconds after which a child counts as well again
STOP_WITHIN = 15.0  # seconds from SIGTERM to SIGKILL
POLL_EVERY = 0.02


class Child:
    """One process with a lifeline, at the head of its own process group."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Lifeline | None = None
        self._began = 0.0
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it; it imports what it needs and waits for `go`."""
        line = Lifeline.make()
        self._process = subprocess.Popen(
            self._command,
            env={**environment, VARIABLE: str(line.child_end)},
            stdin=subprocess.DEVNULL,
            pass_fds=(line.child_end,),
            start_new_session=True,
        )
        line.handed_over()
        self._line, self._began, self._again_at = line, time.monotonic(), None

    def go(self) -> None:
        if self._line is not None:
            self._line.go()

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def revive(self, environment: Callable[[], Mapping[str, str]]) -> str | None:
        """To be called again and again: a dead child is started again after a pause; what there is to tell about it."""
        if self.is_alive():
            return None
        now = time.monotonic()
        if self._again_at is None:
            return self._mourn(now)
        if now >= self._again_at:
            self.start(environment())
            self.go()
        return None

    def _mourn(self, now: float) -> str:
        code = self._process.returncode if self._process else None
        self._bury()
        self._pause = FIRST_PAUSE if now - self._began > STEADY_AFTER else min(self._pause * 2, LONGEST_PAUSE)
        self._again_at = now + self._pause
        return f"{self.name} ended with code {code}; starting it again in {self._pause:g} s"

    def stop(self) -> None:
        """SIGTERM, and after STOP_WITHIN seconds SIGKILL, to all of its group."""
        if self._process is None:
            return
        self._process.terminate()
        _wait_until(lambda: not self.is_alive(), STOP_WITHIN)
        self._bury()

    def _bury(self) -> None:
        """End what is left of the group (its number is not given away while one of it lives), and cut the line."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS says the latter of zombies
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        if self._line is not None:
            self._line.cut()
            self._line = None


class Trace(msgspec.Struct, frozen=True):
    """A process, told from a later one of the same number by when it began (seconds since 1970)."""

    pid: int
    began: float


def leave_trace(path: Path, children: Iterable[Child]) -> None:
    """Write down who our children are, for the next start to read should we be killed."""
    pids = [child.pid for child in children if child.pid is not None and child.is_alive()]
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode([Trace(pid, psutil.Process(pid).create_time()) for pid in pids]))
    fresh.replace(path)


def end_leftovers(path: Path) -> None:
    """End the children of a start that was killed, those too whose lifeline did not do it."""
    if not path.exists():
        return
    for trace in msgspec.json.decode(path.read_bytes(), type=list[Trace]):
        _end_group(trace)
    path.unlink()


def _end_group(trace: Trace) -> None:
    for number, patience in ((signal.SIGTERM, STOP_WITHIN), (signal.SIGKILL, STOP_WITHIN)):
        for process in _group(trace):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _wait_until(lambda: not _group(trace), patience)


def _group(trace: Trace) -> list[psutil.Process]:
    """Who lives of the group that the process led. Another group has that number only if another process has."""
    try:
        if psutil.Process(trace.pid).create_time() != trace.began:
            return []
    except psutil.NoSuchProcess:
        pass  # the leader is gone, its group may not be
    return [process for process in psutil.process_iter() if _is_of(process, trace)]


def _is_of(process: psutil.Process, trace: Trace) -> bool:
    try:
        in_group = os.getpgid(process.pid) == trace.pid and process.create_time() >= trace.began
        return in_group and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ProcessLookupError, PermissionError):
        return False


def _wait_until(condition: Callable[[], bool], within: float) -> None:
    deadline = time.monotonic() + within
    while not condition() and time.monotonic() < deadline:
        time.sleep(POLL_EVERY)
