"""The description against the running shop: schemathesis sends what it allows, and what it forbids."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.embedded import Addresses
from entrypoints import probes

TRADEPOST = (sys.executable, "-m", "entrypoints.cli")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ADMIN = {"email": "boss@shop.test", "password": "correct-battery-9"}
LAMP = {"name": "Lamp", "sku": "LAMP", "slug": "lamp", "price": "20.00", "stock_quantity": 1000}
OPEN_WITHIN = 30  # seconds

# Without `make fuzz` only what the description's own limits give: the same cases each time, however busy the machine.
FUZZ_SECONDS = os.environ.get("FUZZ_SECONDS")
FUZZING = ("--phases", "coverage,fuzzing", "--max-time", FUZZ_SECONDS) if FUZZ_SECONDS else ("--phases", "coverage")

# Not promised is that whatever fits a shape is accepted too: cursors are sealed, countries exist, e-mails have an @.
CONFIG = """
[parameters]
"path.ref" = "lamp"

[checks]
positive_data_acceptance.enabled = false

[[operations]]
include-name = "DELETE /api/auth/users/me/"  # who deletes themselves can ask nothing more
enabled = false
"""


@pytest.fixture
def shop(tmp_path: Path, machines: Addresses, postgres_url: str) -> Iterator[str]:
    """The address of a web process whose shop knows one admin."""
    port = probes.first_free("127.0.0.1", 20_000 + os.getpid() % 20_000)
    environment = os.environ | {
        "ENVIRONMENT": "test",
        "DATABASE_URL": postgres_url,
        "REDIS_URL": machines.redis_url or "",
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": "a secret key for tests, long enough",
        "PORT": str(port),
        "LOG_LEVEL": "warning",
    }
    admin = ("users", "create-admin", "--email", ADMIN["email"], "--password", ADMIN["password"])
    subprocess.run([*TRADEPOST, *admin], env=environment, check=True, stdout=subprocess.DEVNULL)
    with (tmp_path / "log").open("wb") as log:
        web = subprocess.Popen([*TRADEPOST, "serve"], env=environment, stderr=log, stdout=log)
        deadline = time.monotonic() + OPEN_WITHIN
        while not probes.is_ready("127.0.0.1", port) and web.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        web.terminate()
        web.wait(15)


def test_the_shop_answers_as_it_is_described(shop: str, tmp_path: Path) -> None:
    with httpx.Client(base_url=shop) as client:
        access = client.post("/api/auth/login/", json=ADMIN).json()["access"]
        bearer = {"Authorization": f"Bearer {access}"}
        assert client.post("/api/products/products/", json=LAMP, headers=bearer).status_code == 201
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    command = [
        *(str(SCHEMATHESIS), "--config-file", str(tmp_path / "schemathesis.toml"), "run", f"{shop}/api/schema/"),
        *("--header", f"Authorization: {bearer['Authorization']}", *FUZZING),
        *("--seed", "20261122", "--generation-deterministic", "--warnings", "off", "--no-color"),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, "\n".join(line[:400] for line in (run.stdout + run.stderr).splitlines())
    log = (tmp_path / "log").read_text()
    assert '"level":"error"' not in log, log[-3000:]
