"""Does a storm of logins leave the catalogue fast? Prints how long a list takes in a calm, and while many sign in."""

import argparse
import asyncio
from collections.abc import Iterator
from itertools import count, repeat
from time import perf_counter

import msgspec

from entrypoints.catalogs import load_sample
from entrypoints.container import migrate_up
from tests.benchmarks.client import Connection, Feed, Load, Tally, request
from tests.benchmarks.servers import CLI, Machines, machines, web

PASSWORD = "a lamp in the attic"
LIST = "/api/products/products/"
READERS, PAUSE = 4, 0.02  # each asks again so many seconds after it was answered


async def run(seconds: float, logins: int, rounds: int) -> None:
    with machines() as found:
        await migrate_up(found.settings)
        await load_sample(found.settings, 500, 1)
        for kept in ("on", "off"):
            await _measure(found, kept, seconds, logins, rounds)


async def _measure(found: Machines, kept: str, seconds: float, logins: int, rounds: int) -> None:
    """In turns, so that whatever else the machine does befalls both alike."""
    async with (
        web(found, f"serve-{kept}", *CLI, "serve", workers=2, CACHE=kept) as shop,
        Load.on(shop.port, READERS) as readers,
        Load.on(shop.port, logins) as crowd,
    ):
        await crowd.run([iter([_said("register", kept, n)]) for n in range(logins)])
        calm, storm, done = Tally(), Tally(), 0.0
        await _read(readers, Tally(), 1.0)
        for _ in range(rounds):
            await _read(readers, calm, seconds)
            feeds: list[Feed] = [repeat(_said("login", kept, n)) for n in range(logins)]
            signing_in = asyncio.create_task(crowd.run(feeds, seconds))
            await _read(readers, storm, seconds)
            done += (await signing_in).per_second / rounds
    quiet, loud = calm.figure(seconds), storm.figure(seconds)
    assert quiet.p50_ms and quiet.p99_ms and loud.p50_ms and loud.p99_ms
    print(
        f"list, cache {kept}: p50 {quiet.p50_ms:.1f} ms, p99 {quiet.p99_ms:.1f} ms; while {logins} sign in at once "
        f"({done:.0f} logins/s): p50 {loud.p50_ms:.1f} ms, p99 {loud.p99_ms:.1f} ms",
        flush=True,
    )


async def _read(readers: Load, tally: Tally, seconds: float) -> None:
    until, numbers = perf_counter() + seconds, count()
    await asyncio.gather(*(_browse(each, numbers, tally, until) for each in readers.connections))


async def _browse(connection: Connection, numbers: Iterator[int], tally: Tally, until: float) -> None:
    """One of seven lists."""
    while perf_counter() < until:
        asked = request("GET", f"{LIST}?min_price={next(numbers) % 7}")
        await connection.drive(iter([asked]), tally, until)
        await asyncio.sleep(PAUSE)


def _said(path: str, kept: str, number: int) -> bytes:
    body = {"email": f"storm{number}-{kept}@example.com", "password": PASSWORD}
    return request("POST", f"/api/auth/{path}/", body=msgspec.json.encode(body))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make timing", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each turn (default: %(default)s)")
    parser.add_argument("--logins", type=int, default=50, help="at once (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="(default: %(default)s)")
    said = parser.parse_args()
    asyncio.run(run(said.seconds, said.logins, said.rounds))
