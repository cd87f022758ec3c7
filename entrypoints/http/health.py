"""Health: whether the process lives, whether it is ready for customers, and what it cannot reach."""

import asyncio
from importlib.metadata import version
from typing import Literal

import msgspec
from dishka import FromDishka
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from entrypoints.http.access import public
from entrypoints.observing import Probe, Probes

PATIENCE = 2.0  # seconds for a probe
VERSION = version("tradepost")


class Health(msgspec.Struct):
    status: Literal["ok", "degraded", "unavailable"]
    version: str
    checks: dict[str, Literal["ok", "away"]]


class Live(msgspec.Struct):
    status: Literal["ok"] = "ok"


@get(["/api/health_check", "/health", "/health/ready"], access=public, tags=["Service"], summary="Health")
async def health(probes: FromDishka[Probes]) -> Response[Health]:
    """503 while the database is away or not ready yet; other parts that are away degrade the shop."""
    answers = await asyncio.gather(*(_ask(probe) for probe in probes.values()))
    checks = dict(zip(probes, answers, strict=True))
    if not checks.get("database", True):
        status: Literal["ok", "degraded", "unavailable"] = "unavailable"
    else:
        status = "ok" if all(answers) else "degraded"
    told = Health(status, VERSION, {name: "ok" if well else "away" for name, well in checks.items()})
    return Response(told, status_code=503 if status == "unavailable" else 200, headers={"Cache-Control": "no-store"})


@get("/health/live", access=public, tags=["Service"], summary="Liveness")
async def live() -> Live:
    """200 as long as the process answers."""
    return Live()


async def _ask(probe: Probe) -> bool:
    """What the probe says; one that fails, or takes too long, says no."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await probe()
    except Exception:  # noqa: BLE001 (whatever ails a part, the health check itself answers)
        return False


routes: list[HTTPRouteHandler] = [health, live]
