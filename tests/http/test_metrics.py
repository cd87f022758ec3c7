"""/metrics: what was done, for Prometheus, and for nobody else."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import ROUTES, THING, House, container_of, opened

TOKEN = "a token for Prometheus"
COUNTS = """
from multiprocessing import get_context
from entrypoints.http import metrics

def work():
    metrics.request("GET", "/lamps", 200, 0.003)
    metrics.lookup("/lamps", "hit")

metrics.request("GET", "/lamps", 200, 0.003)
for _ in range(3):
    process = get_context("fork").Process(target=work)
    process.start()
    process.join()
print(metrics.collected().decode())
"""


def of(text: str, name: str, **labels: str) -> float:
    told = ",".join(f'{label}="{value}"' for label, value in labels.items())
    lines = [line for line in text.splitlines() if line.startswith(f"{name}{{{told}}}")]
    return float(lines[0].rpartition(" ")[2]) if lines else 0.0


async def test_requests_are_counted_by_route_and_status(client: httpx.AsyncClient) -> None:
    async def counted(**labels: str) -> float:
        return of((await client.get("/metrics")).text, "tradepost_http_request_seconds_count", **labels)

    found = {"method": "GET", "route": "/t/things/{id}", "status": "200"}
    lost = {"method": "GET", "route": "none", "status": "404"}
    before = [await counted(**labels) for labels in (found, lost)]
    for _ in range(3):
        await client.get(f"/t/things/{THING}/")
    await client.get("/made-up/1")
    await client.get("/made-up/2")
    await client.request("BREW", f"/t/things/{THING}/")
    after = [await counted(**labels) for labels in (found, lost)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [3, 2]
    text = (await client.get("/metrics")).text
    assert "made-up" not in text
    assert "BREW" not in text
    assert 'method="other"' in text


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "10.0.0.1"}, {"Forwarded": "for=10.0.0.1"}])
async def test_nobody_is_told_through_a_proxy(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await client.get("/metrics", headers=headers)).status_code == 404


async def test_no_other_machine_is_told(app: Litestar) -> None:
    transport = httpx.ASGITransport(app, client=("10.0.0.7", 1))  # type: ignore[arg-type]
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        assert (await client.get("/metrics")).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), ({"Authorization": "Bearer guessed"}, 404), ({"Authorization": f"Bearer {TOKEN}"}, 200)],
)
async def test_with_a_token_who_has_it_is_told(
    house: House, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    settings = Settings(data_dir=tmp_path, metrics_token=TOKEN)
    async with opened(build_app(settings, container_of(house, settings), ROUTES)) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status


async def test_in_production_nobody_is_told_without_a_token(house: House, tmp_path: Path) -> None:
    settings = Settings(environment="production", allowed_hosts=("localhost",), data_dir=tmp_path)
    async with opened(build_app(settings, container_of(house, settings), ROUTES)) as client:
        assert (await client.get("/metrics")).status_code == 404


def test_processes_are_counted_together(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", COUNTS], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    labels = {"method": "GET", "route": "/lamps", "status": "200"}
    assert of(done.stdout, "tradepost_http_request_seconds_count", **labels) == 4
    assert of(done.stdout, "tradepost_cache_lookups_total", outcome="hit", route="/lamps") == 3
