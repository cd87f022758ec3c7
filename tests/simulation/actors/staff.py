"""What staff do; and what everybody does at once."""

import asyncio
from typing import Any

import msgspec

from application.audit import Audit
from application.catalog.changing import ChangeProduct
from application.catalog.inputs import ProductChanges
from application.inventory import AdjustStock, AllowBackorders, Correction
from application.promotions import ChangeCoupon, CouponChanges
from application.refunding import RefundOrder
from application.shipping import DeliverOrder, ShipOrder
from domain.money import Money
from domain.ordering import LineId, Parcel, RefundWish, Status
from tests.simulation.actors.carts import put, use_coupon
from tests.simulation.actors.orders import place
from tests.simulation.scene import COUPONS, NOTHING, Scene


async def adjust(scene: Scene) -> None:
    sku, delta = scene.world.chance.choice(list(scene.articles)), scene.world.chance.choice((-3, -1, 1, 2, 5))
    correction = Correction(sku=sku, delta=delta, reason="counted")
    await scene.asked("staff", f"adjusts {sku} by {delta}", AdjustStock, lambda call: call(scene.staff, correction))


async def reprice(scene: Scene) -> None:
    price = f"{scene.world.chance.randrange(1, 6000) / 100:.2f}"
    await _change(scene, f"asks {price} for", price=msgspec.Raw(msgspec.json.encode(price)))


async def switch(scene: Scene) -> None:
    on = scene.now_and_then(0.6)
    await _change(scene, "sells" if on else "hides", is_active=on)


async def _change(scene: Scene, what: str, **fields: Any) -> None:
    sku, article = scene.world.chance.choice(list(scene.articles.items()))
    changes = ProductChanges(**fields)
    await scene.asked("staff", f"{what} {sku}", ChangeProduct, lambda call: call(scene.staff, str(article[0]), changes))


async def allow_backorders(scene: Scene) -> None:
    sku, limit = scene.world.chance.choice(list(scene.articles)), scene.world.chance.choice((0, 0, 2))
    what = f"allows {limit} backorders of {sku}"
    await scene.asked("staff", what, AllowBackorders, lambda call: call(scene.staff, sku, limit))


async def staff_cancel(scene: Scene) -> None:
    if found := scene.any_order():
        await scene.cancel("staff", scene.staff, found.id, found.number)


async def ship(scene: Scene) -> None:
    """All that is left, or a piece of one line."""
    if found := scene.any_order(Status.PROCESSING):
        items = {LineId(scene.world.chance.choice(found.lines).id): 1} if scene.now_and_then(0.4) else None
        what = f"ships {'some of ' if items else ''}{found.number[-4:]}"
        await scene.asked("staff", what, ShipOrder, lambda call: call(scene.staff, found.id, Parcel(items=items)))


async def deliver(scene: Scene) -> None:
    if found := scene.any_order(Status.SHIPPED):
        what = f"delivers {found.number[-4:]}"
        await scene.asked("staff", what, DeliverOrder, lambda call: call(scene.staff, found.id))


async def refund(scene: Scene) -> None:
    """All, an amount, or a piece of one line, which may return to the shelf."""
    if found := scene.any_order(Status.PROCESSING, Status.SHIPPED, Status.DELIVERED):
        chance = scene.world.chance
        line = chance.choice(found.lines)
        wish = chance.choice(
            (
                RefundWish(reason="asked"),
                RefundWish(reason="asked", amount=Money(chance.randrange(1, 2000), found.currency)),
                RefundWish(reason="asked", items={LineId(line.id): 1}, restock=chance.random() < 0.5),
            )
        )
        kind = "all" if wish.amount is None and wish.items is None else str(wish.amount or f"one {line.sku}")
        what = f"refunds {kind} of {found.number[-4:]}"
        await scene.asked("staff", what, RefundOrder, lambda call: call(scene.staff, found.id, wish))


async def audit(scene: Scene) -> None:
    """On the shop as it runs."""
    findings = await scene.asked("staff", "audits", Audit, lambda call: call())
    if findings is not NOTHING:
        for difference in findings.differences:
            scene.world.wrong(f"the audit finds {difference}")


async def limit_coupon(scene: Scene) -> None:
    """More or fewer uses than there were; never fewer than there are."""
    chance = scene.world.chance
    coupon = chance.choice(list(scene.database.tables.coupons.values()))
    changes = CouponChanges(usage_limit=chance.choice((1, 2, 3)))
    what = f"limits {coupon.code} to {changes.usage_limit}"
    await scene.asked("staff", what, ChangeCoupon, lambda call: call(scene.staff, coupon.id, changes))


async def rush(scene: Scene) -> None:
    """Everybody wants the same at the same moment, and often for the last coupon."""
    sku = scene.world.chance.choice(list(scene.articles))
    await asyncio.gather(*(put(scene, buyer, sku, 1) for buyer in scene.buyers))
    if scene.now_and_then(0.5):
        code = scene.world.chance.choice(COUPONS).code
        await asyncio.gather(*(use_coupon(scene, buyer, code) for buyer in scene.buyers))
    await asyncio.gather(*(place(scene, buyer, with_key=False) for buyer in scene.buyers))
