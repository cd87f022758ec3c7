"""A fresh clone, from the README's command to a paid order, and what is left when it is stopped."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.embedded.ports import choose
from entrypoints.http.health import VERSION
from tests.e2e.clone import Running, clone, environment
from tests.readme import ROOT, blocks

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a clone of the repository to copy")

WALK = "A walk"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Open, in a directory with a space in its name, after a first start."""
    home = clone(tmp_path_factory.mktemp("clone") / "my shop")
    running = Running.start(home, choose(0))
    yield running
    running.end()


@pytest.fixture(scope="module")
def walked(shop: Running) -> str:
    return walk(shop)


def walk(shop: Running) -> str:
    """What the README's walk prints, all of its lines run as they stand there."""
    done = subprocess.run(
        ("sh", "-eu"),
        input="".join(blocks(WALK, "sh")),
        env=environment(SHOP=shop.base),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def subjects(shop: Running) -> list[str]:
    return [mail["subject"] for mail in shop.get("/dev/mail").json()["results"]]


def test_the_ready_message_tells_the_way_in(shop: Running) -> None:
    ready = shop.said.partition("Tradepost is open after ")[2]
    told = dict(re.findall(r"^  (\w+) +(.*)$", ready, re.MULTILINE))
    assert told["Shop"] == f"{shop.base}/"
    assert told["API"] == f"{shop.base}/api/docs/"
    assert told["Mail"] == f"{shop.base}/dev/mail  (files in {shop.home}/.tradepost/mail)"
    assert set(told) == set(re.findall(r"^  (\w+) ", blocks("Start", "text")[0], re.MULTILINE))
    email, password = re.fullmatch(r"(\S+)  password (\S+)", told["Admin"]).groups()  # type: ignore[union-attr]
    assert sign_in(shop, email, password)["roles"] == ["admin", "customer"]


@pytest.mark.parametrize("path", ["/health/", "/health/ready/", "/api/health_check", "/api/health_check/"])
def test_it_is_in_good_health(shop: Running, path: str) -> None:
    answer = shop.get(path)
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": VERSION, "checks": {"database": "ok", "redis": "ok"}}


@pytest.mark.parametrize(
    "path", ["/", "/health/live/", "/api/schema/", "/api/docs/", "/api/docs/redoc/", "/problems/", "/dev/mail"]
)
def test_what_the_readme_points_at_is_there(shop: Running, path: str) -> None:
    assert shop.get(path).status_code == 200


def test_the_walk_ends_with_a_paid_order(walked: str) -> None:
    assert walked.endswith("\n" + blocks(WALK, "text")[-1])
    assert "idempotent-replayed: true" in walked.lower()
    assert '"status": "succeeded"' in walked
    assert len(set(re.findall(r"ORD-\w+", walked))) == 1


def test_the_order_is_confirmed_by_mail(shop: Running, walked: str) -> None:
    (number,) = set(re.findall(r"ORD-\w+", walked))
    deadline = time.monotonic() + 10
    while len(found := subjects(shop)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sorted(found) == ["Please confirm your e-mail address", f"Your order {number}"]


def test_the_commands_find_the_running_shop(shop: Running, tmp_path: Path) -> None:
    assert shop.tradepost("version") == f"{VERSION}\n"
    assert shop.tradepost("db", "upgrade") == ""
    before = products(shop)
    shop.tradepost("sample", "--products", "20")
    assert products(shop) == before + 20
    export = ROOT / "tests" / "data" / "shopify-classic.csv"
    shop.tradepost("catalog", "import", str(export), "--dry-run")
    assert products(shop) == before + 20


def products(shop: Running) -> int:
    """How many are on sale."""
    found, at = 0, "/api/products/products/?page_size=100"
    while at:
        page = shop.get(at).json()
        found, at = found + len(page["results"]), page["next"]
    return found


def test_an_admin_is_made_on_the_command_line(shop: Running) -> None:
    password = "a long word, twice asked for"
    shop.tradepost("users", "create-admin", "--email", "Boss@example.com", input=f"{password}\n{password}\n")
    assert sign_in(shop, "boss@example.com", password)["is_staff"] is True


def sign_in(shop: Running, email: str, password: str) -> dict[str, Any]:
    answer = httpx.post(f"{shop.base}/api/auth/login/", json={"email": email, "password": password}, timeout=10)
    assert answer.status_code == 200
    user: dict[str, Any] = answer.json()["user"]
    return user


def test_ctrl_c_ends_all_and_the_next_start_finds_all(shop: Running, walked: str) -> None:
    mails = subjects(shop)
    assert mails
    assert len(shop.processes()) > 5  # make, up, web, worker, PostgreSQL's, Valkey
    assert shop.interrupt() == []
    assert "Stopping …" in shop.said
    again = Running.start(shop.home, shop.port)
    try:
        assert "pip install" not in again.said
        assert subjects(again) == mails
        assert walk(again).endswith("\n" + blocks(WALK, "text")[-1])  # a second time, by the same customer
        assert again.interrupt() == []
    finally:
        again.end()
