"""Who asks: customers, guests, staff, the gateway with its late and doubled news, and the workers.

To teach the simulation something new, write a function in one of these files and name it in one of the tables.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.simulation.actors.accounts import leave, register, sign_in
from tests.simulation.actors.carts import add, change, clear, drop_coupon, use_coupon
from tests.simulation.actors.machines import tell
from tests.simulation.actors.orders import cancel, look, order, pay
from tests.simulation.actors.staff import (
    adjust,
    allow_backorders,
    audit,
    deliver,
    limit_coupon,
    refund,
    reprice,
    rush,
    ship,
    staff_cancel,
    switch,
)
from tests.simulation.scene import Buyer, Scene

Acts = Mapping[Any, int]  # with their weights

BUYING: Acts = {add: 30, change: 6, clear: 1, use_coupon: 4, drop_coupon: 1, order: 22, pay: 24, cancel: 6, look: 3}
CUSTOMERS: Acts = {**BUYING, leave: 3}
GUESTS: Acts = {**BUYING, sign_in: 5, register: 3}
STAFF: Acts = {
    adjust: 6,
    reprice: 4,
    switch: 2,
    allow_backorders: 2,
    limit_coupon: 2,
    staff_cancel: 2,
    ship: 5,
    deliver: 4,
    refund: 8,
    audit: 2,
    rush: 3,
}
GATEWAY: Acts = {tell: 1}


async def live(scene: Scene, acts: Acts, pace: float) -> None:
    """Act at random until the world is over."""
    while not scene.world.is_over:
        await _next(scene, acts, pace)


async def live_as(scene: Scene, buyer: Buyer, pace: float) -> None:
    """The same, as a buyer who becomes another one now and then."""
    while not scene.world.is_over:
        successor = await _next(scene, CUSTOMERS if buyer.who.user else GUESTS, pace, buyer)
        if successor is not None:
            scene.buyers[scene.buyers.index(buyer)] = successor
            buyer = successor


async def _next(scene: Scene, acts: Acts, pace: float, *me: Buyer) -> Any:
    await asyncio.sleep(scene.world.chance.uniform(0, pace))
    (act,) = scene.world.chance.choices(list(acts), list(acts.values()))
    return await act(scene, *me)
