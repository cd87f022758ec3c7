"""What DATA_DIR remembers of its servers (ports, passwords, the name of their processes), and its lock."""

import fcntl
import os
import secrets
import threading
from pathlib import Path
from typing import Self

import msgspec

from adapters.embedded.account import ROOT
from adapters.embedded.errors import EmbeddedServerError


class Seat(msgspec.Struct):
    """Where a server listens, and the password that it asks for."""

    port: int = 0
    password: str = msgspec.field(default_factory=lambda: secrets.token_urlsafe(24))


class State(msgspec.Struct):
    """The contents of `embedded.json`, for its owner's eyes only."""

    token: str = msgspec.field(default_factory=lambda: f"tradepost-{secrets.token_hex(6)}")
    postgres: Seat = msgspec.field(default_factory=Seat)
    valkey: Seat = msgspec.field(default_factory=Seat)

    @classmethod
    def load(cls, data_dir: Path) -> Self | None:
        """What was kept, or None; EmbeddedServerError where it cannot be read."""
        path = state_file(data_dir)
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            raise EmbeddedServerError(f"cannot read {path}: {error}") from error


def state_file(data_dir: Path) -> Path:
    return data_dir / "embedded.json"


_writing = threading.Lock()


def keep(state: State, data_dir: Path) -> None:
    """Write the state whole or not at all, readable to its owner only."""
    path = state_file(data_dir)
    fresh = path.with_suffix(".new")
    with _writing:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(state)))
            os.fsync(file.fileno())
            if os.geteuid() == ROOT:  # so that who owns the directory can use it after root did
                owner = data_dir.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        fresh.replace(path)


class Lock:
    """One supervisor per DATA_DIR; the kernel lets go when its process ends, however it ends."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """EmbeddedServerError, naming the process, where another holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode().strip() or "unknown"
            os.close(descriptor)
            raise EmbeddedServerError(f"{self._path.parent} is in use by another tradepost (pid {holder})") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
