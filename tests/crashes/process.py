"""The shop's processes, with failpoints: `python -m tests.crashes.process web|worker`. Who is killed comes again."""

import asyncio
import os
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path

from dishka import AsyncContainer, Provider, Scope

from adapters.redis import jobs
from application.outbox import Patience
from entrypoints import working
from entrypoints.cli import found
from entrypoints.container import make_container
from entrypoints.http import app
from entrypoints.serve import serve
from entrypoints.settings import Settings
from tests.crashes.points import Points, failpoints

PROCESS = (sys.executable, "-m", "tests.crashes.process")
HOME = "FAILPOINTS"  # the directory of the points
SOON = timedelta(milliseconds=100)


def watched(settings: Settings, role: str) -> AsyncContainer:
    """The shop on its machines, that waits shorter for who died, and with points."""
    hurried = Provider(scope=Scope.APP)
    patience = Patience(handling=timedelta(seconds=9), lease=timedelta(seconds=1), first=SOON)
    hurried.provide(lambda: patience, provides=Patience)
    return make_container(settings, hurried, failpoints(Points(Path(os.environ[HOME]), role)))


def create_app() -> object:
    vars(app)["make_container"] = partial(watched, role="web")
    return app.create_app()


def web(settings: Settings) -> None:
    serve(settings.host, settings.port, settings.web_workers, app=__spec__.name)


def worker(settings: Settings) -> None:
    vars(working)["make_container"] = partial(watched, role="worker")
    jobs.SHARE = 1  # hints to who died are not waited for
    working.EXPIRE_EVERY = 0.2
    asyncio.run(working.work(settings))


def supervise(role: str) -> None:
    """Until it ends without being killed. Each is the first of a group of its own, and imports nothing again."""
    settings, pid_file = found(), Path(os.environ[HOME]) / f"{role}.pid"
    if role == "web":
        create_app()
    while True:
        pid = os.fork()
        if not pid:
            os.setsid()
            {"web": web, "worker": worker}[role](settings)
            os._exit(0)
        pid_file.write_text(str(pid))
        if not os.WIFSIGNALED(os.waitpid(pid, 0)[1]):
            return


if __name__ == "__main__":
    supervise(sys.argv[1])
