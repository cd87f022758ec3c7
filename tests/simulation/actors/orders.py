"""What customers and guests do about orders: place, pay, cancel, look at them."""

import asyncio
from typing import Any

import msgspec

from application.checkout import Checkout, PlaceOrder
from application.idempotency import Answer, Memory, Once, replay
from application.ordering import OrderView, ShowOrder
from application.payments import ConfirmInSandbox, CreateIntent
from domain.errors import Conflict
from domain.ordering import OrderId
from entrypoints.shop import DECLINED, SOMEWHERE, VISA
from tests.simulation.actors.carts import add, use_coupon
from tests.simulation.scene import NOTHING, Buyer, Scene


async def order(scene: Scene, buyer: Buyer) -> None:
    """With a key or without, once or by a double click, for the first time or again."""
    chance = scene.world.chance
    if chance.random() < 0.6:
        await add(scene, buyer)
    if chance.random() < 0.3:
        await use_coupon(scene, buyer)
    if buyer.key is None or chance.random() < (0.1 if buyer.is_unsure else 0.8):
        buyer.tries += 1
        buyer.key = f"{buyer.name}-{buyer.tries}"
    with_key = buyer.is_unsure or chance.random() < 0.7
    if chance.random() < 0.25:
        await asyncio.gather(place(scene, buyer, with_key), place(scene, buyer, with_key))
    else:
        await place(scene, buyer, with_key)
    if not with_key:
        buyer.key = None


async def place(scene: Scene, buyer: Buyer, with_key: bool) -> None:
    """The notes say which try it was, so that an order tells what it came of."""
    key = buyer.key or ""
    if not with_key:
        buyer.tries += 1
        key = f"{buyer.name}-{buyer.tries}-without"
    actor, email = buyer.who.name or buyer.name, None if buyer.who.user else buyer.email
    once = Once(actor, key, "POST /checkout", key.encode(), 201) if with_key else None
    checkout = Checkout(shipping_address=SOMEWHERE, email=email, customer_notes=key)

    async def placed(place_order: PlaceOrder) -> Answer:
        return await place_order(buyer.who, checkout, once)

    answer = await _with_memory(scene, buyer, f"orders as {key}", placed, once)
    buyer.is_unsure = with_key and answer is NOTHING
    if answer is NOTHING or answer.status not in {None, 201}:
        return
    view = msgspec.json.decode(answer.body, type=OrderView)
    scene.world.promises.orders[view.id] = view
    scene.world.promises.by_key.setdefault(key, set()).add(view.id)
    if all(view.id != known.id for known in buyer.orders):
        buyer.orders.append(view)


async def _with_memory(scene: Scene, buyer: Buyer, what: str, do: Any, once: Once | None) -> Any:
    """As the edge does it: a refusal of the business is kept under the key."""

    async def refused(memory: Memory, refusal: Conflict) -> Answer:
        assert once is not None
        return replay(once, await memory.remember_refusal(once, Answer(refusal.code.encode(), 409)))

    async def called(place_order: PlaceOrder) -> Any:
        try:
            return await do(place_order)
        except Conflict as refusal:
            return refusal

    result = await scene.asked(buyer.name, what, PlaceOrder, called)
    if isinstance(result, Conflict):
        refusal = result
        if once is None:
            return NOTHING
        return await scene.asked(buyer.name, "keeps it", Memory, lambda memory: refused(memory, refusal))
    return result


async def pay(scene: Scene, buyer: Buyer) -> None:
    """Often by a double click, sometimes with a card that is declined."""
    paid = scene.world.promises.paid
    open_ones = [view for view in buyer.orders if view.id not in paid or scene.now_and_then(0.1)]
    if open_ones:
        view = scene.world.chance.choice(open_ones[-2:])
        card = VISA if scene.now_and_then(0.7) else DECLINED
        clicks = 2 if scene.now_and_then(0.2) else 1
        await asyncio.gather(*(_pay(scene, buyer, view, card) for _ in range(clicks)))


async def _pay(scene: Scene, buyer: Buyer, view: OrderView, card: str) -> None:
    number = view.order_number[-4:]
    opened = await scene.asked(
        buyer.name, f"wants to pay {number}", CreateIntent, lambda call: call(buyer.who, OrderId(view.id))
    )
    if opened is NOTHING:
        return
    intent = opened.payment_intent_id
    paid = await scene.asked(
        buyer.name, f"pays {number} with {card[-4:]}", ConfirmInSandbox, lambda call: call(buyer.who, intent, card)
    )
    if paid == "succeeded":
        scene.world.promises.paid.add(view.id)


async def cancel(scene: Scene, buyer: Buyer) -> None:
    if view := _one(scene, buyer):
        clicks = 2 if scene.now_and_then(0.3) else 1
        cancelled = (scene.cancel(buyer.name, buyer.who, view.id, view.order_number) for _ in range(clicks))
        await asyncio.gather(*cancelled)


async def look(scene: Scene, buyer: Buyer) -> None:
    if view := _one(scene, buyer):
        what = f"looks at {view.order_number[-4:]}"
        await scene.asked(buyer.name, what, ShowOrder, lambda call: call(buyer.who, OrderId(view.id)))


def _one(scene: Scene, buyer: Buyer) -> OrderView | None:
    """Rather a late one than an early one."""
    return scene.world.chance.choice(buyer.orders[-3:]) if buyer.orders else None
