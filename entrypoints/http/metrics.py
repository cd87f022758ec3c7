"""/metrics, for Prometheus: what all web processes together did, whichever of them is asked."""

import asyncio
import hmac
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psutil
from dishka import FromDishka
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from entrypoints.http import scopes
from entrypoints.http.access import public
from entrypoints.observing import Levels
from entrypoints.settings import Settings

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # set before this is imported where several processes serve (prometheus_client)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"})
LOOK_EVERY = 5.0  # seconds between looks at this process's own levels
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")

_registry = CollectorRegistry()
_durations = Histogram(
    "tradepost_http_request_seconds",
    "How long requests took.",
    ("method", "route", "status"),
    buckets=SECONDS,
    registry=_registry,
)
_lookups = Counter(
    "tradepost_cache_lookups",
    "Answers looked for, and whether they were kept.",
    ("route", "outcome"),
    registry=_registry,
)
_levels: dict[str, Gauge] = {}
_requests: dict[tuple[str, str | None, int | None], Histogram] = {}
_outcomes: dict[tuple[str, str], Counter] = {}


def request(method: str, route: str | None, status: int | None, seconds: float) -> None:
    """Count a request; `status` is None where the caller hung up before an answer began."""
    key = method, route, status
    if (child := _requests.get(key)) is None:
        told = method if method in METHODS else "other"
        child = _requests[told, route, status] = _durations.labels(told, route or "none", str(status or "none"))
    child.observe(seconds)


def lookup(route: str, outcome: str) -> None:
    """Count a "hit", a "miss", or who "joined" those who wait for an answer that is being loaded."""
    key = route, outcome
    if (child := _outcomes.get(key)) is None:
        child = _outcomes[key] = _lookups.labels(*key)
    child.inc()


@asynccontextmanager
async def watching(levels: Levels) -> AsyncIterator[None]:
    """Notes this process's own levels again and again."""
    own = {name: level for name, level in levels.items() if level.is_own}
    for name, level in own.items():
        if name not in _levels:
            _levels[name] = Gauge(name, level.what, registry=_registry, multiprocess_mode="livesum")

    async def watch() -> None:
        while True:
            for name, level in own.items():
                _levels[name].set(await level.read())
            await asyncio.sleep(LOOK_EVERY)

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@get("/metrics", access=public, include_in_schema=False)
async def metrics(
    request: Request[Any, Any, Any], settings: FromDishka[Settings], levels: FromDishka[Levels]
) -> Response[bytes]:
    """Not for the public: 404 for who may not ask."""
    if not _may_ask(request, settings):
        raise NotFoundException
    read = {name: await level.read() for name, level in levels.items() if not level.is_own}
    asked = Asked([GaugeMetricFamily(name, levels[name].what, value) for name, value in read.items()])
    told = generate_latest(asked) + await asyncio.to_thread(collected)
    return Response(told, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class Asked(Collector):
    """What was read to answer this very request."""

    families: list[GaugeMetricFamily]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        return iter(self.families)


def _may_ask(request: Request[Any, Any, Any], settings: Settings) -> bool:
    """With METRICS_TOKEN whoever has it; without one this machine alone, and never in production."""
    if settings.metrics_token:
        given = scopes.header(request.scope, b"authorization").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.metrics_token.encode())
    if settings.is_production or any(scopes.header(request.scope, name) for name in FORWARDED):
        return False
    return request.client is not None and _is_here(request.client.host)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def collected() -> bytes:
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(_registry)
    for pid in set(_processes(Path(folder))):
        if not psutil.pid_exists(pid):
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
    together = CollectorRegistry()
    MultiProcessCollector(together, folder)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def _processes(folder: Path) -> Iterator[int]:
    for file in folder.glob("gauge_live*.db"):
        yield int(file.stem.rpartition("_")[2])


routes: list[HTTPRouteHandler] = [metrics]
