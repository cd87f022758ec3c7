"""`tradepost up`: the whole shop on one machine, its own PostgreSQL and Valkey included, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Protocol

import click

from entrypoints import keepsakes, probes
from entrypoints.children import Child, end_leftovers, leave_trace

CLI = (sys.executable, "-m", "entrypoints.cli")
READY_WITHIN = 60.0  # seconds for web to be ready once the schema is
LOOK_EVERY = 0.5  # seconds between looks at who died
SERVERS_PAUSE = 10.0  # seconds after PostgreSQL or Valkey would not start again
POLL_EVERY = 0.03
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Addresses(Protocol):
    """Where the servers of our own listen; None for one that somebody else runs."""

    @property
    def database_url(self) -> str | None: ...
    @property
    def redis_url(self) -> str | None: ...


class Servers(Protocol):
    """PostgreSQL and Valkey of our own; OSError when they will not."""

    @property
    def addresses(self) -> Addresses: ...
    def start(self) -> Addresses: ...
    def check(self) -> tuple[str, ...]: ...
    def stop(self) -> None: ...


class MakeServers(Protocol):
    """Makes the servers of a directory, without starting them; one that is not wanted runs elsewhere."""

    def __call__(self, data_dir: Path, *, database: bool, redis: bool) -> Servers: ...


class UpSettings(keepsakes.Given, Protocol):
    """What `up` itself must know; its children read all settings from the environment that it hands them."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def public_base_url(self) -> str: ...
    @property
    def database_url(self) -> str | None: ...
    @property
    def redis_url(self) -> str | None: ...


class StartFailed(Exception):
    """A process of the shop did not start; the message says which."""


class Stopped(Exception):
    """Somebody asked us to stop while we were starting."""


def up(settings: UpSettings, make_servers: MakeServers, cli: Sequence[str] = CLI) -> int:
    """Run the shop until SIGINT, SIGTERM or SIGHUP; the exit code. Call it from the main thread.

    `cli` is the command line of which `prepare` (migrations, first admin, sample), `serve` and `worker` are words.
    `settings.database_url` is the one given, never that of a shop running in `data_dir`: `up` takes that one over.
    """
    shop = Shop(settings, make_servers, cli)
    try:
        with heeding_signals(shop.stop):
            shop.run()
    except Stopped:
        return 0
    except (StartFailed, OSError) as error:
        tell(f"tradepost: {error}", err=True)
        return 1
    return 0


class Shop:
    """The servers, the migrations, web and worker, in the order in which they need each other."""

    def __init__(self, settings: UpSettings, make_servers: MakeServers, cli: Sequence[str]) -> None:
        own_database, own_redis = settings.database_url is None, settings.redis_url is None
        self.stop = threading.Event()
        self._settings = settings
        self._cli = cli
        self._data_dir = settings.data_dir.absolute()
        self._servers = make_servers(self._data_dir, database=own_database, redis=own_redis)
        self._port = settings.port
        self._web = Child("web", (*cli, "serve"))
        self._worker = Child("worker", (*cli, "worker"))
        self._children = (self._web, self._worker)
        self._traces = self._data_dir / "children.json"
        self._servers_again_at = 0.0

    def run(self) -> None:
        """Start everything, say so, watch over it until `stop` is set, end everything."""
        began = time.monotonic()
        self._servers.start()  # it also takes the directory's lock: from here on it is ours alone
        try:
            end_leftovers(self._traces)
            self._open()
            self._welcome(time.monotonic() - began)
            while not self.stop.wait(LOOK_EVERY):
                self._look_after_servers()
                self._look_after_children()
        finally:
            self._close()

    def _open(self) -> None:
        """Web and worker import what they need while the schema is made, and begin after it."""
        self._port = probes.first_free(self._settings.host, self._settings.port)
        if self._port != self._settings.port:
            tell(f"Port {self._settings.port} is taken: using {self._port}.")
        environment = self._environment()
        for child in self._children:
            child.start(environment)
        leave_trace(self._traces, self._children)
        self._prepare(environment)
        for child in self._children:
            child.go()
        self._await_ready()

    def _prepare(self, environment: dict[str, str]) -> None:
        with subprocess.Popen((*self._cli, "prepare"), env=environment, stdin=subprocess.DEVNULL) as preparing:
            while (code := preparing.poll()) is None:
                if self.stop.wait(POLL_EVERY):
                    preparing.terminate()
                    raise Stopped
        if code != 0:
            raise StartFailed(f"the database could not be prepared (code {code}): see above")

    def _await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not probes.is_ready(self._settings.host, self._port):
            for child in self._children:
                if not child.is_alive():
                    raise StartFailed(f"{child.name} ended while it was starting: see above")
            if time.monotonic() > deadline:
                raise StartFailed(f"web is not ready after {READY_WITHIN:g} s: see above")
            if self.stop.wait(POLL_EVERY):
                raise Stopped

    def _look_after_servers(self) -> None:
        if time.monotonic() < self._servers_again_at:
            return
        before = self._servers.addresses
        try:
            revived = self._servers.check()
        except OSError as error:  # a full disk may have room again later
            self._servers_again_at = time.monotonic() + SERVERS_PAUSE
            tell(f"{error}\nTrying again in {SERVERS_PAUSE:g} s.")
            return
        if revived:
            tell(f"{' and '.join(revived)} had ended: started again.")
        if self._servers.addresses != before:
            tell("A server's port was taken meanwhile: starting web and worker again with its new one.")
            self._stop_children()

    def _look_after_children(self) -> None:
        before = [child.pid for child in self._children]
        for child in self._children:
            if news := child.revive(self._environment):
                tell(news)
        if before != [child.pid for child in self._children]:
            leave_trace(self._traces, self._children)

    def _close(self) -> None:
        tell("Stopping …")
        try:
            self._stop_children()
            self._traces.unlink(missing_ok=True)
        finally:
            self._servers.stop()

    def _stop_children(self) -> None:
        stops = [threading.Thread(target=child.stop) for child in self._children]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()

    def _environment(self) -> dict[str, str]:
        ours = {
            "DATA_DIR": str(self._data_dir),
            "HOST": self._settings.host,
            "PORT": str(self._port),
            "DATABASE_URL": self._servers.addresses.database_url or self._settings.database_url,
            "REDIS_URL": self._servers.addresses.redis_url or self._settings.redis_url,
            "PUBLIC_BASE_URL": self._base_url(),
        }
        made_up = keepsakes.for_children(self._data_dir, self._settings)
        return {**os.environ, **made_up, **{name: value for name, value in ours.items() if value is not None}}

    def _base_url(self) -> str:
        """The given one, unless it named the port that was taken."""
        wanted = probes.url(self._settings.host, self._settings.port)
        given = self._settings.public_base_url
        return probes.url(self._settings.host, self._port) if given.rstrip("/") == wanted else given

    def _welcome(self, seconds: float) -> None:
        base = probes.url(self._settings.host, self._port)
        known = {**keepsakes.kept(self._data_dir), **keepsakes.given(self._settings)}
        tell(f"Tradepost is open after {seconds:.1f} s.", bold=True)
        rows = {
            "Shop": f"{base}/",
            "API": f"{base}/api/docs/",
            "Admin": f"{known['ADMIN_EMAIL']}  password {known['ADMIN_PASSWORD']}",
            "Mail": f"{base}/dev/mail  (files in {self._data_dir / 'mail'})",
            "Logs": str(self._data_dir / "log"),
            "Stop": "Ctrl-C",
        }
        for name, value in rows.items():
            tell(f"  {name:<12} {value}")


@contextmanager
def heeding_signals(stop: threading.Event) -> Iterator[None]:
    """Within, the signals that mean `stop` set it instead of ending us on the spot."""

    def heed(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, heed) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell(line: str, *, bold: bool = False, err: bool = False) -> None:
    """One line for who looks at the terminal, if anybody still does: a closed one must not keep us from stopping."""
    with suppress(OSError):
        click.secho(line, bold=bold, err=err)
