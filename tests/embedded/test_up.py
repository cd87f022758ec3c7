"""`tradepost up` as its user meets it: started, stopped, killed, robbed of its port."""

import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from adapters.embedded.ports import choose
from tests.embedded.asking import processes, until
from tests.embedded.shop import CLI

Up = subprocess.Popen[str]
Start = Callable[[], Up]


@pytest.fixture
def port() -> int:
    return choose(0)


@pytest.fixture
def start(data_dir: Path, port: int) -> Iterator[Start]:
    """Starts `up` in the data directory; whatever is left of it is ended afterwards."""
    started: list[Up] = []

    def starts() -> Up:
        environment = {**os.environ, "DATA_DIR": str(data_dir), "PORT": str(port)}
        up = subprocess.Popen(
            (*CLI, "up"), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(up)
        return up

    yield starts
    for up in started:
        with up:
            up.terminate()
    until(lambda: nothing_is_left(data_dir))  # orphans of a killed one take their time


def says(up: Up, words: str) -> str:
    """What it said up to a line with those words."""
    assert up.stdout
    said = ""
    for line in up.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended without {words!r}: {said}")


def opens(up: Up) -> str:
    return says(up, "Ctrl-C")


def ask(port: int) -> dict[str, Any]:
    """The environment of a web worker."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        environment: dict[str, Any] = json.load(answer)
        return environment


def children(data_dir: Path) -> list[int]:
    """Web and worker."""
    return [trace["pid"] for trace in json.loads((data_dir / "children.json").read_bytes())]


def nothing_is_left(data_dir: Path) -> bool:
    return not processes(data_dir) and not [p for p in psutil.process_iter() if str(data_dir) in environment_of(p)]


def environment_of(process: psutil.Process) -> str:
    try:
        own = process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE
        return "" if own else process.environ().get("DATA_DIR", "")
    except psutil.Error:
        return ""


def test_it_opens_tells_how_to_get_in_and_leaves_nothing_behind(start: Start, data_dir: Path, port: int) -> None:
    up = start()
    said = opens(up)
    secrets = json.loads((data_dir / "secrets.json").read_bytes())
    assert f"http://127.0.0.1:{port}/api/docs/" in said
    assert f"boss@example.com  password {secrets['ADMIN_PASSWORD']}" in said
    assert (data_dir / "secrets.json").stat().st_mode & 0o777 == 0o600
    up.send_signal(signal.SIGINT)
    assert up.wait(20) == 0
    assert nothing_is_left(data_dir)
    assert not (data_dir / "children.json").exists()


def test_it_stops_though_nobody_listens_any_more(start: Start, data_dir: Path) -> None:
    up = start()
    opens(up)
    assert up.stdout
    up.stdout.close()  # as a closed terminal does, which also sends
    up.send_signal(signal.SIGHUP)
    assert up.wait(20) == 0
    assert nothing_is_left(data_dir)


def test_its_children_are_handed_what_they_need(start: Start, data_dir: Path, port: int) -> None:
    opens(start())
    secrets = json.loads((data_dir / "secrets.json").read_bytes())
    handed = ask(port)
    assert handed["DATABASE_URL"].startswith("postgresql://tradepost:")
    assert handed["REDIS_URL"].startswith("redis://:")
    assert handed["SECRET_KEY"] == secrets["SECRET_KEY"]
    assert handed["PUBLIC_BASE_URL"] == f"http://127.0.0.1:{port}"
    assert "ADMIN_EMAIL" not in handed  # given, so not made up


def test_secrets_are_made_up_once(start: Start, data_dir: Path) -> None:
    first = start()
    opens(first)
    before = (data_dir / "secrets.json").read_bytes()
    first.terminate()
    assert first.wait(20) == 0
    opens(start())
    assert (data_dir / "secrets.json").read_bytes() == before


def test_a_taken_port_is_left_and_the_next_one_told(start: Start, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        said = opens(start())
        told = re.search(rf"Port {port} is taken: using (\d+)\.", said)
        assert told
        assert ask(int(told[1]))["PUBLIC_BASE_URL"] == f"http://127.0.0.1:{told[1]}"


def test_a_second_one_is_refused_and_disturbs_nothing(start: Start, data_dir: Path, port: int) -> None:
    first = start()
    opens(first)
    before = children(data_dir)
    second = start()
    assert f"in use by another tradepost (pid {first.pid})" in says(second, "in use")
    assert second.wait(20) == 1
    assert ask(port)
    assert children(data_dir) == before


def test_after_a_kill_the_next_one_opens_at_the_same_port(start: Start, data_dir: Path, port: int) -> None:
    first = start()
    opens(first)
    os.kill(children(data_dir)[0], signal.SIGKILL)  # the web's main process too: its workers are orphans
    first.kill()
    first.wait()
    said = opens(start())
    assert "taken" not in said
    assert ask(port)


def test_web_and_worker_that_die_are_started_again(start: Start, data_dir: Path, port: int) -> None:
    up = start()
    opens(up)
    web, worker = children(data_dir)
    os.kill(web, signal.SIGKILL)
    says(up, "web ended with code -9; starting it again")
    os.kill(worker, signal.SIGKILL)
    says(up, "worker ended with code -9; starting it again")
    until(lambda: len(children(data_dir)) == 2 and not {web, worker} & set(children(data_dir)))
    until(lambda: answers(port))


def test_orphans_end_by_themselves(start: Start, data_dir: Path) -> None:
    up = start()
    opens(up)
    before = children(data_dir)
    up.kill()
    up.wait()
    until(lambda: not [pid for pid in before if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"])
    opens(start())  # for the servers' sake


def test_servers_that_die_are_started_again(start: Start, data_dir: Path, port: int) -> None:
    up = start()
    opens(up)
    for process in processes(data_dir):
        process.kill()
    says(up, "postgres and valkey had ended: started again.")
    assert ask(port)


def test_a_database_that_cannot_be_prepared_stops_the_start(start: Start, data_dir: Path) -> None:
    data_dir.mkdir(parents=True)
    (data_dir / "broken").touch()
    up = start()
    assert "the database could not be prepared (code 3)" in says(up, "could not")
    assert up.wait(20) == 1
    assert nothing_is_left(data_dir)


@pytest.mark.parametrize("sign", ["embedded.json", "secrets.json", "children.json"])
def test_it_can_be_stopped_while_it_starts(start: Start, data_dir: Path, sign: str) -> None:
    up = start()
    until((data_dir / sign).exists)
    up.terminate()
    assert up.wait(20) == 0
    assert nothing_is_left(data_dir)


def answers(port: int) -> bool:
    try:
        return bool(ask(port))
    except OSError:
        return False
