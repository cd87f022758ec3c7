"""Both servers of a DATA_DIR together: the face of this package."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded import processes
from adapters.embedded.account import Account
from adapters.embedded.errors import EmbeddedServerError
from adapters.embedded.postgres import Postgres
from adapters.embedded.state import Lock, State, keep
from adapters.embedded.supervised import Machine, Supervised
from adapters.embedded.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs with passwords; None for a server that is not ours to run."""

    database_url: str | None
    redis_url: str | None


class EmbeddedServers:
    """PostgreSQL and Valkey under a directory, for one supervisor at a time.

    Not safe for use by several threads. What goes wrong raises EmbeddedServerError, or OSError (a full or closed disk).
    """

    def __init__(self, data_dir: Path, *, database: bool = True, redis: bool = True) -> None:
        self._data_dir = data_dir.absolute()
        self._database = database
        self._redis = redis
        self._lock = Lock(self._data_dir)
        self._servers: Sequence[Supervised] = ()
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    def start(self) -> Addresses:
        """Adopt what runs, start what does not, both at once; return when both take connections."""
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock.take()
        try:
            self._servers = self._assemble()
            _all_at_once(self._servers)
        except BaseException:
            self.stop()
            raise
        return self.addresses

    @property
    def addresses(self) -> Addresses:
        """Where they are now: a restart moves a server whose port was taken meanwhile."""
        return Addresses(
            self._postgres.url if self._postgres else None,
            self._valkey.url if self._valkey else None,
        )

    def check(self) -> tuple[str, ...]:
        """Start again what died; the names of what did. Costs microseconds when all is well."""
        dead = [server for server in self._servers if not server.is_alive()]
        _all_at_once(dead)
        return tuple(server.machine.name for server in dead)

    def stop(self) -> None:
        """End both in good order, and let go of the directory."""
        try:
            with ThreadPoolExecutor(max_workers=2) as pool:
                for ended in [pool.submit(server.stop) for server in self._servers]:
                    ended.result()
        finally:
            self._servers = ()
            self._lock.release()

    def _assemble(self) -> list[Supervised]:
        state = _known_state(self._data_dir)
        logs = self._data_dir / "log"
        logs.mkdir(mode=0o700, exist_ok=True)
        self._postgres = _postgres(self._data_dir, state) if self._database else None
        self._valkey = _valkey(self._data_dir, state) if self._redis else None
        machines: list[Machine] = [machine for machine in (self._postgres, self._valkey) if machine]
        return [
            Supervised(machine, logs / f"{machine.name}.log", lambda: keep(state, self._data_dir))
            for machine in machines
        ]


def running(data_dir: Path) -> Addresses | None:
    """The addresses of the servers that run under this directory now, whoever started them; None if neither does."""
    state = State.load(data_dir.absolute())
    if state is None:
        return None
    postgres, valkey = _postgres(data_dir.absolute(), state), _valkey(data_dir.absolute(), state)
    has_database = postgres.is_ready() and processes.find(postgres.is_main, postgres.account)
    database_url = postgres.url if has_database else None
    redis_url = valkey.url if valkey.is_ready() else None
    return Addresses(database_url, redis_url) if database_url or redis_url else None


def _known_state(data_dir: Path) -> State:
    state = State.load(data_dir)
    if state is None:
        if (data_dir / "postgres").exists():
            raise EmbeddedServerError(
                f"{data_dir} has a database, but embedded.json with its password is gone: put it back"
            )
        state = State()
        keep(state, data_dir)
    return state


def _postgres(data_dir: Path, state: State) -> Postgres:
    home = data_dir / "postgres"
    return Postgres(home, state.postgres, state.token, Account.for_home(home))


def _valkey(data_dir: Path, state: State) -> Valkey:
    home = data_dir / "valkey"
    return Valkey(home, state.valkey, state.token, Account.for_home(home))


def _all_at_once(servers: Sequence[Supervised]) -> None:
    if servers:
        with ThreadPoolExecutor(max_workers=len(servers)) as pool:
            for started in [pool.submit(server.start) for server in servers]:
                started.result()
