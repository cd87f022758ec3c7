"""`tradepost serve`: the web processes."""

import gc
import os
import resource
import shutil
import signal
from importlib import import_module
from pathlib import Path

from entrypoints import lifeline

APP = "entrypoints.http.app"
FACTORY = "create_app"
METRICS = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client looks for it when it is imported
HEAD_WITHIN = 15_000  # milliseconds for the line and headers of a request, and for which an idle connection is kept
LONGEST_HEAD = 65_536  # bytes
CONNECTIONS = 2_048  # of each process; who comes then waits until one ends, or has been idle for HEAD_WITHIN
FILES = CONNECTIONS + 512  # that a process may have open
STOP_WITHIN = (
    10  # seconds for requests under way; then, and for a worker that missed its signal while starting, SIGKILL
)


def serve(host: str, port: int, workers: int, *, app: str = APP, metrics: Path | None = None) -> None:
    """Serve the app on that address with that many processes until SIGTERM or SIGINT; exits with 1 if they crash.

    Below `metrics` they write what all of them together are to tell.
    """
    if metrics is not None:
        os.environ[METRICS] = str(_emptied(metrics / str(port)))
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    create_app = getattr(import_module(app), FACTORY)
    create_app()  # before the workers are forked, which then share it, and while the database gets ready
    gc.collect()
    gc.freeze()  # all of it stays: nobody looks through it for garbage, which would unshare its memory
    lifeline.hold()
    _open_files()
    os.register_at_fork(after_in_child=_mortal)
    Granian(
        f"{app}:{FACTORY}",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        backpressure=CONNECTIONS,
        loop=Loops.uvloop,
        http=HTTPModes.http1,  # HTTP/2 is the proxy's; here it would only be another way in
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_WITHIN, max_buffer_size=LONGEST_HEAD),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_WITHIN,
    ).serve()


def _emptied(folder: Path) -> Path:
    """What processes of an earlier start counted is over."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _open_files() -> None:
    """Each connection is a file, and many systems let a process have 1,024 unless it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (FILES if hard == resource.RLIM_INFINITY else min(FILES, hard), hard)
        )


def _mortal() -> None:
    """Until a forked worker minds SIGTERM itself, it dies of it: with the parent's handler it would hang."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
