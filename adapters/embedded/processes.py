"""Starting programs as an account, and knowing later which processes are ours."""

import os
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

import psutil

from adapters.embedded.account import Account

POLL_EVERY = 0.01  # seconds

Mine = Callable[[Sequence[str]], bool]
"""Says of a command line whether it is one of our server's."""


def spawn(
    args: Sequence[str | Path], cwd: Path, account: Account, stdin: IO[bytes] | int, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, so that Ctrl-C reaches only who watches it.

    The directory is entered before the user changes: `cwd` may lie under a directory closed to that user.
    """
    return subprocess.Popen(
        args,
        cwd=cwd,
        stdin=stdin,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,
        env=plain_environment(),
        user=account.uid if account.lent else None,
        group=account.gid if account.lent else None,
        extra_groups=[] if account.lent else None,
    )


def plain_environment() -> dict[str, str]:
    """No PG…, no locale, no secrets of ours: a server's settings all come from its command line."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def find(mine: Mine, account: Account) -> list[psutil.Process]:
    """That account's running processes that are ours by their command line."""
    return [process for process in psutil.process_iter() if _is_mine(process, mine, account)]


def _is_mine(process: psutil.Process, mine: Mine, account: Account) -> bool:
    try:
        return process.uids().real == account.uid and mine(process.cmdline())
    except psutil.Error:  # gone meanwhile, a zombie, or closed to us: not one that we could have started and still have
        return False


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs still: a zombie does not, and neither does another one under the same number."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(processes: Iterable[psutil.Process], signals: Sequence[tuple[int, float]]) -> bool:
    """Send each signal in turn to those still there, waiting that many seconds after it; whether all are gone.

    psutil compares the start time before it signals: a reused number is never hit.
    """
    left = _alive(processes)
    for signal, patience in signals:
        for process in left:
            _send(process, signal)
        deadline = time.monotonic() + patience
        while left and time.monotonic() < deadline:
            time.sleep(POLL_EVERY)
            left = _alive(left)
    return not left


def _alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if is_alive(process)]


def _send(process: psutil.Process, signal: int) -> None:
    try:
        process.send_signal(signal)
    except psutil.NoSuchProcess:
        return  # it went by itself
