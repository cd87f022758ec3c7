"""Finds every point that a scene passes, and tries what comes of dying there."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.crashes.points import DIE, WAIT
from tests.crashes.scenes import Case, Scene
from tests.crashes.shop import CrashShop, eventually

WEB, WORKER, DATABASE = "web", "worker", "database"
DELIVERING = ("RelayEvents", "DeliverEvents")


class Death(NamedTuple):
    """Who dies when that process passes that point for the so-manieth time."""

    scene: Scene
    process: str
    point: str
    number: int
    victim: str

    def __str__(self) -> str:
        who = self.process if self.victim == self.process else f"{self.victim}, of {self.process}"
        again = f", time {self.number}" if self.number > 1 else ""
        return f"{self.scene.name}: {who}: {self.point}{again}"


async def deaths(shop: CrashShop, scene: Scene) -> list[Death]:
    """Everybody's, at every point: the scene is played once, and what it passes is noted."""
    case = await scene.begin(shop)
    for points in shop.points.values():
        points.note()
    async with shop.worker_held():
        await scene.act(shop, case)
        by_web = shop.points[WEB].noted() if scene.due is None else []
    await _end(shop, scene, case)
    meant = (*DELIVERING, scene.chore)
    by_worker = dict.fromkeys(
        point for point in shop.points[WORKER].noted() if any(name and name in point for name in meant)
    )
    return [*_of(scene, WEB, by_web), *_of(scene, WORKER, by_worker)]


def _of(scene: Scene, process: str, passed: Iterable[str]) -> Iterator[Death]:
    """The database's too, but not where a transaction has asked: that is the moment before it asks again."""
    times = Counter[str]()
    for point in passed:
        times[point] += 1
        yield Death(scene, process, point, times[point], process)
        if not point.startswith("after") or point[len("after ")].isupper():
            yield Death(scene, process, point, times[point], DATABASE)


async def die(shop: CrashShop, death: Death) -> None:
    """Play the scene with a death in it, ask again, and look at what came of it. Fails where that is not right."""
    case = await death.scene.begin(shop)
    if death.process == WEB:
        shop.points[WEB].arm(death.point, death.number, WAIT if death.victim == DATABASE else DIE)
        acting = asyncio.create_task(death.scene.act(shop, case))
        await _there(shop, death)
        await acting
    else:
        async with shop.worker_held():
            await death.scene.act(shop, case)
            shop.points[WORKER].arm(death.point, death.number, WAIT if death.victim == DATABASE else DIE)
        await _there(shop, death)
    await _end(shop, death.scene, case)


async def _there(shop: CrashShop, death: Death) -> None:
    points = shop.points[death.process]

    async def is_reached() -> bool:
        return points.is_reached

    await eventually(is_reached, str(death))
    if death.victim == DATABASE:
        await shop.kill_database()
        points.go_on()


async def _end(shop: CrashShop, scene: Scene, case: Case) -> None:
    await scene.act_again(shop, case)
    await shop.all_delivered()
    await scene.check(shop, case)
    await shop.audit()
