"""`make timing`: can a stopwatch tell an unknown e-mail address from a known one? Prints the AUC (0.5: it cannot)."""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx

from adapters.embedded import EmbeddedServers
from entrypoints.container import make_container, migrate_up
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import opened

KNOWN, PASSWORD = "ada@example.com", "a lamp in the attic"
LOGIN, RESET = "/api/auth/login/", "/api/auth/password-reset/"
PROMISED = 0.55


def auc(ones: list[float], others: list[float]) -> float:
    """How likely one of the ones took longer than one of the others; the farther from 0.5, the more it tells."""
    ranked = sorted([(took, 0) for took in others] + [(took, 1) for took in ones])
    ranks = sum(rank for rank, (_, kind) in enumerate(ranked, 1) if kind)
    over = (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))
    return max(over, 1 - over)


async def timed(client: httpx.AsyncClient, path: str, body: dict[str, str], status: int) -> float:
    began = perf_counter()
    answer = await client.post(path, json=body)
    took = perf_counter() - began
    assert answer.status_code == status, answer.text
    return took


async def compare(client: httpx.AsyncClient, samples: int) -> dict[str, tuple[list[float], list[float]]]:
    """Taken in turns and in random order, so that whatever else the machine does befalls both alike."""
    found: dict[str, tuple[list[float], list[float]]] = {LOGIN: ([], []), RESET: ([], [])}
    for number in range(samples):
        strange = f"nobody{number}@example.com"
        for path, status in ((LOGIN, 401), (RESET, 202)):
            for kind in random.sample((0, 1), 2):
                body = {"email": (strange, KNOWN)[kind]} | ({"password": "a wrong one"} if path == LOGIN else {})
                found[path][kind].append(await timed(client, path, body, status))
    return found


async def run(samples: int) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        servers = EmbeddedServers(Path(place))
        addresses = servers.start()
        try:
            settings = Settings(
                environment="test",
                data_dir=Path(place),
                secret_key="a secret key for a benchmark, long enough",
                database_url=addresses.database_url,
                redis_url=addresses.redis_url,
                rate_limits=False,
            )
            await migrate_up(settings)
            container = make_container(settings)
            async with opened(build_app(settings, container)) as client:
                await client.post("/api/auth/register/", json={"email": KNOWN, "password": PASSWORD})
                await compare(client, 20)  # warm
                tell(await compare(client, samples))
            await container.close()
        finally:
            servers.stop()


def tell(found: dict[str, tuple[list[float], list[float]]]) -> None:
    for path, (unknown, known) in found.items():
        print(
            f"{path}  {len(unknown)} each: unknown {median(unknown) * 1000:.2f} ms, "
            f"known {median(known) * 1000:.2f} ms, AUC {auc(unknown, known):.3f} (below {PROMISED} promised)"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make timing", description=__doc__)
    parser.add_argument("--samples", type=int, default=500, help="of each kind (default: %(default)s)")
    asyncio.run(run(parser.parse_args().samples))
