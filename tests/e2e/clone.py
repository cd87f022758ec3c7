"""A clone of this repository, and the shop that its README's command starts there."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from adapters.embedded.processes import is_alive
from entrypoints.settings import Settings
from tests.readme import ROOT, blocks

GIT = ("git", "-c", "safe.directory=*")
OPEN_WITHIN = 300.0  # seconds; a first start installs what the lock names
STOP_WITHIN = 60.0
LAST_LINE = "Ctrl-C"  # of the ready message
# Neither this shop's settings, nor the make, environment and tests that run us.
NOT_OURS = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV", "PYTEST_CURRENT_TEST", "SHOP"}


def environment(**changed: str) -> dict[str, str]:
    """As a user of the README has it, with the Python that these tests run on."""
    left_out = NOT_OURS | {name.upper() for name in Settings.__struct_fields__}
    python = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
    own = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**own, "PYTHON": str(python), **changed}


def clone(target: Path) -> Path:
    """The files that are under version control, as they are now."""
    listed = subprocess.run((*GIT, "ls-files", "-z"), cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.rstrip("\0").split("\0"):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@dataclass(slots=True)
class Running:
    """`make run` in a clone, as in a terminal of its own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, home: Path, port: int) -> "Running":
        """Return when the shop says how to stop it."""
        command = blocks("Start", "sh")[0].splitlines()[-1]
        log = home / "make-run.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ("sh", "-c", command),
                cwd=home,
                env=environment(PORT=str(port)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = cls(home, port, process, log)
        running.wait_until_open()
        return running

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_until_open(self) -> None:
        deadline = time.monotonic() + OPEN_WITHIN
        while LAST_LINE not in self.said:
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise AssertionError(f"the shop did not open:\n{self.said[-5000:]}")
            time.sleep(0.05)

    def processes(self) -> list[psutil.Process]:
        """All of the shop's, from make down to PostgreSQL's."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def interrupt(self) -> list[psutil.Process]:
        """Ctrl-C, as the terminal sends it: to the whole group. Who is left of the shop when its command has ended."""
        before = self.processes()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(STOP_WITHIN)
        return [process for process in before if is_alive(process)]

    def end(self) -> None:
        """Whatever became of it."""
        if self.process.poll() is None:
            left = self.processes()
            os.killpg(self.process.pid, signal.SIGINT)
            for process in psutil.wait_procs(left, STOP_WITHIN)[1]:
                process.kill()
            self.process.wait()

    def tradepost(self, *words: str, input: str | None = None) -> str:
        """What a command of the shop's own environment prints, run in the clone."""
        done = subprocess.run(
            (self.home / ".venv" / "bin" / "tradepost", *words),
            cwd=self.home,
            env=environment(),
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.base}{path}", headers={"Accept": "application/json"}, timeout=10)
