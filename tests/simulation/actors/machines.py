"""The gateway, whose news come late, twice and in any order; and the workers."""

import asyncio
from typing import Any

from application.audit_log.keeping import ExtendAuditLog
from application.cancelling import ExpireOrders
from application.outbox import RelayEvents
from application.payments import Reconcile, Settle
from application.ports import Busy, Unavailable
from tests.simulation.scene import Scene
from tests.simulation.world import NoAnswer, Process, World


async def tell(scene: Scene) -> None:
    if intents := list(scene.ledger.intents):
        intent = scene.world.chance.choice(intents[-6:])
        number = list(scene.ledger.intents).index(intent) + 1
        await scene.asked("gateway", f"tells of intent {number}", Settle, lambda call: call(intent))


async def work(scene: Scene, worker: Process) -> None:
    """One worker's life: events at every turn, the clock's chores now and then."""
    turn = 0
    while not scene.world.is_over:
        await asyncio.sleep(scene.world.chance.uniform(0.5, 8))
        turn += 1
        chores: list[Any] = [RelayEvents]
        chores += [ExpireOrders, ExtendAuditLog] if turn % 3 == 0 else []
        chores += [Reconcile] if turn % 4 == 0 else []
        for chore in chores:
            await done(scene.world, worker, chore)


async def done(world: World, worker: Process, chore: Any) -> None:
    try:
        await worker.call(chore)
    except NoAnswer:
        return
    except (Unavailable, Busy) as error:
        world.note(worker.name, f"{chore.__name__}: {type(error).__name__} {error}".rstrip())
    except Exception as error:  # noqa: BLE001 - it would be in the worker's log
        world.wrong(f"{worker.name} {chore.__name__}: {error!r}")
