"""Health: alive, ready, and what is away."""

import asyncio
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from entrypoints.http import health
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import ROUTES, House, container_of, opened

CHECKS = ("/api/health_check", "/api/health_check/", "/health", "/health/", "/health/ready/")


@pytest.mark.parametrize("path", CHECKS)
async def test_a_shop_that_reaches_everything_is_well(client: httpx.AsyncClient, path: str) -> None:
    response = await client.get(path)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": version("tradepost"),
        "checks": {"database": "ok", "redis": "ok"},
    }
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", CHECKS)
async def test_without_its_database_it_is_not_ready(client: httpx.AsyncClient, house: House, path: str) -> None:
    house.parts["database"] = False
    response = await client.get(path)
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert response.json()["checks"] == {"database": "away", "redis": "ok"}


async def test_without_another_part_it_is_degraded(client: httpx.AsyncClient, house: House) -> None:
    del house.parts["redis"]  # the probe fails
    response = await client.get("/health/")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"] == {"database": "ok", "redis": "away"}


async def test_it_is_alive_whatever_is_away(client: httpx.AsyncClient, house: House) -> None:
    house.parts.clear()
    assert (await client.get("/health/live/")).json() == {"status": "ok"}


async def test_a_probe_that_hangs_counts_as_away(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    house.waits = asyncio.Event()
    assert (await client.get("/health/")).json()["checks"] == {"database": "away", "redis": "away"}


async def test_the_mails_of_development_can_be_read(client: httpx.AsyncClient) -> None:
    page = await client.get("/dev/mail")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Order &lt;ORD-1&gt;" in page.text
    assert "Thanks &amp; bye" in page.text
    assert "<ORD-1>" not in page.text
    listed = await client.get("/dev/mail/", headers={"Accept": "application/json"})
    assert listed.json() == {
        "results": [
            {
                "message_id": "m1@x",
                "to": "ann@x.org",
                "subject": "Order <ORD-1>",
                "text": "Thanks & bye",
                "html": "<p>Thanks</p>",
                "sent_at": "2026-11-22T00:00:00Z",
            }
        ]
    }


async def test_production_shows_no_mails(house: House, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, environment="production", allowed_hosts=("shop.example",))
    async with opened(build_app(settings, container_of(house, settings), ROUTES)) as client:
        assert (await client.get("/dev/mail", headers={"Host": "shop.example"})).status_code == 404


async def test_the_front_door_leads_on(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for path in ("/api/docs/", "/api/docs/redoc/", "/api/schema/", "/health/", "/problems/"):
        assert f'href="{path}"' in page.text
        assert (await client.get(path)).status_code == 200
    icon = await client.get("/favicon.ico")
    assert icon.headers["content-type"].startswith("image/svg+xml")
