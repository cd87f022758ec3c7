"""Who asks: customers, guests, staff, the gateway with its late and doubled news, and the workers.

To teach the simulation something new, write a function here and name it in one of the tables.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from adapters.memory.tables import MemoryDatabase
from adapters.sandbox.ledger import MemoryLedger
from application.audit import Audit
from application.audit_log.keeping import ExtendAuditLog
from application.cancelling import CancelOrder, ExpireOrders
from application.cart import AddItem, ClearCart, ShowCart, UpdateItem
from application.catalog.changing import ChangeProduct
from application.catalog.inputs import ProductChanges
from application.checkout import Checkout, PlaceOrder
from application.idempotency import Answer, Memory, Once, replay
from application.inventory import AdjustStock, AllowBackorders, Correction
from application.ordering import OrderView, ShowOrder
from application.outbox import RelayEvents
from application.payments import ConfirmInSandbox, CreateIntent, Reconcile, Settle
from application.ports import Busy, StaleWrite, Unavailable
from application.refunding import RefundOrder
from application.shipping import DeliverOrder, ShipOrder
from domain.accounts import Actor
from domain.cart import Article, ItemId
from domain.errors import Conflict, DomainError
from domain.inventory import Sku
from domain.money import Money
from domain.ordering import LineId, OrderId, Parcel, RefundWish, Status
from entrypoints.shop import DECLINED, SOMEWHERE, VISA
from tests.simulation.world import NoAnswer, Process, World

NOTHING = object()  # what comes of a call that did not succeed


@dataclass(slots=True)
class Buyer:
    """A customer, or a guest. `orders` are those they heard of."""

    name: str
    who: Actor
    email: str | None
    orders: list[OrderView] = field(default_factory=list)
    tries: int = 0
    key: str | None = None  # the last one that they used
    is_unsure: bool = False  # what became of it


@dataclass(slots=True)
class Scene:
    """A world with its processes, its goods and all who act in it."""

    world: World
    webs: list[Process]
    workers: list[Process]
    database: MemoryDatabase
    ledger: MemoryLedger
    staff: Actor
    articles: dict[Sku, Article] = field(default_factory=dict)
    buyers: list[Buyer] = field(default_factory=list)

    def now_and_then(self, rate: float) -> bool:
        return self.world.chance.random() < rate

    async def asked(self, who: str, what: str, kind: Any, do: Callable[[Any], Awaitable[Any]]) -> Any:
        """A call to a web process; what the caller sees is in the history. NOTHING if it is no success."""
        world = self.world
        web, patience = world.chance.choice(self.webs), world.chance.choice((5.0, 30.0, None))
        try:
            result = await web.have(kind, do, patience)
        except DomainError as refusal:
            world.note(who, f"{what}: {refusal.code}")
        except NoAnswer:
            world.note(who, f"{what}: no answer")
        except (Unavailable, Busy, StaleWrite) as error:
            world.note(who, f"{what}: {type(error).__name__} {error}".rstrip())
        except Exception as error:  # noqa: BLE001 - the edge would answer 500
            world.wrong(f"{who} {what}: {error!r}")
        else:
            world.note(who, f"{what}: {_shown(result)}")
            return result
        return NOTHING


def _shown(result: Any) -> str:
    match result:
        case OrderView():
            return f"{result.order_number[-4:]} {result.status} {result.total_amount}"
        case Conflict():
            return result.code
        case Answer():
            return f"{result.status or 201}{' again' if result.replayed else ''}"
        case _:
            return "ok"


# -- customers


async def add(scene: Scene, buyer: Buyer) -> None:
    sku = scene.world.chance.choice(list(scene.articles))
    await _add(scene, buyer, sku, scene.world.chance.choice((1, 1, 2, 3)))


async def _add(scene: Scene, buyer: Buyer, sku: Sku, quantity: int) -> None:
    article = scene.articles[sku]
    put = scene.world.promises.put
    put[buyer.name, sku] = put.get((buyer.name, sku), 0) + quantity
    await scene.asked(buyer.name, f"adds {quantity} {sku}", AddItem, lambda call: call(buyer.who, article, quantity))


async def change(scene: Scene, buyer: Buyer) -> None:
    cart = await scene.asked(buyer.name, "looks into the cart", ShowCart, lambda call: call(buyer.who))
    if cart is NOTHING or not cart.items:
        return
    item, quantity = scene.world.chance.choice(cart.items), scene.world.chance.choice((0, 1, 2, 5))
    put = scene.world.promises.put
    put[buyer.name, item.sku] = put.get((buyer.name, item.sku), 0) + quantity
    what = f"changes {item.sku} from {item.quantity} to {quantity}"
    await scene.asked(buyer.name, what, UpdateItem, lambda call: call(buyer.who, ItemId(item.id), quantity))


async def clear(scene: Scene, buyer: Buyer) -> None:
    await scene.asked(buyer.name, "clears the cart", ClearCart, lambda call: call(buyer.who))


async def order(scene: Scene, buyer: Buyer) -> None:
    """With a key or without, once or by a double click, for the first time or again."""
    chance = scene.world.chance
    if chance.random() < 0.6:
        await add(scene, buyer)
    if buyer.key is None or chance.random() < (0.1 if buyer.is_unsure else 0.8):
        buyer.tries += 1
        buyer.key = f"{buyer.name}-{buyer.tries}"
    with_key = buyer.is_unsure or chance.random() < 0.7
    if chance.random() < 0.25:
        await asyncio.gather(_order(scene, buyer, with_key), _order(scene, buyer, with_key))
    else:
        await _order(scene, buyer, with_key)
    if not with_key:
        buyer.key = None


async def rush(scene: Scene) -> None:
    """Everybody wants the same at the same moment."""
    sku = scene.world.chance.choice(list(scene.articles))
    await asyncio.gather(*(_add(scene, buyer, sku, 1) for buyer in scene.buyers))
    await asyncio.gather(*(_order(scene, buyer, with_key=False) for buyer in scene.buyers))


async def _order(scene: Scene, buyer: Buyer, with_key: bool) -> None:
    """The notes say which try it was, so that an order tells what it came of."""
    key = buyer.key or ""
    if not with_key:
        buyer.tries += 1
        key = f"{buyer.name}-{buyer.tries}-without"
    once = Once(buyer.name, key, "POST /checkout", key.encode(), 201) if with_key else None
    checkout = Checkout(shipping_address=SOMEWHERE, email=buyer.email, customer_notes=key)

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
        await asyncio.gather(
            *(_cancel(scene, buyer.name, buyer.who, view.id, view.order_number) for _ in range(clicks))
        )


async def _cancel(scene: Scene, name: str, who: Actor, id: UUID, number: str) -> None:
    what = f"cancels {number[-4:]}"
    answer = await scene.asked(name, what, CancelOrder, lambda call: call(who, OrderId(id), "no longer wanted"))
    if answer is not NOTHING:
        scene.world.promises.cancelled.add(id)


async def look(scene: Scene, buyer: Buyer) -> None:
    if view := _one(scene, buyer):
        what = f"looks at {view.order_number[-4:]}"
        await scene.asked(buyer.name, what, ShowOrder, lambda call: call(buyer.who, OrderId(view.id)))


def _one(scene: Scene, buyer: Buyer) -> OrderView | None:
    """Rather a late one than an early one."""
    return scene.world.chance.choice(buyer.orders[-3:]) if buyer.orders else None


BUYING = {add: 30, change: 6, clear: 1, order: 22, pay: 24, cancel: 6, look: 3}


# -- staff


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
    if found := _any_order(scene):
        await _cancel(scene, "staff", scene.staff, found.id, found.number)


async def ship(scene: Scene) -> None:
    """All that is left, or a piece of one line."""
    if found := _any_order(scene, Status.PROCESSING):
        items = {LineId(scene.world.chance.choice(found.lines).id): 1} if scene.now_and_then(0.4) else None
        what = f"ships {'some of ' if items else ''}{found.number[-4:]}"
        await scene.asked("staff", what, ShipOrder, lambda call: call(scene.staff, found.id, Parcel(items=items)))


async def deliver(scene: Scene) -> None:
    if found := _any_order(scene, Status.SHIPPED):
        what = f"delivers {found.number[-4:]}"
        await scene.asked("staff", what, DeliverOrder, lambda call: call(scene.staff, found.id))


async def refund(scene: Scene) -> None:
    """All, an amount, or a piece of one line, which may return to the shelf."""
    if found := _any_order(scene, Status.PROCESSING, Status.SHIPPED, Status.DELIVERED):
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


def _any_order(scene: Scene, *fitting: Status) -> Any:
    """Mostly one that is in a fitting state."""
    orders = list(scene.database.tables.orders.values())
    if scene.now_and_then(0.8):
        orders = [one for one in orders if one.status in fitting] or orders
    return scene.world.chance.choice(orders[-6:]) if orders else None


STAFF = {
    adjust: 6,
    reprice: 4,
    switch: 2,
    allow_backorders: 2,
    staff_cancel: 2,
    ship: 5,
    deliver: 4,
    refund: 8,
    audit: 2,
    rush: 3,
}


# -- the gateway, whose news come late, twice and in any order; and the workers


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


async def live(scene: Scene, acts: Mapping[Any, int], pace: float, *me: Any) -> None:
    """Act at random until the world is over."""
    choices, weights = list(acts), list(acts.values())
    while not scene.world.is_over:
        await asyncio.sleep(scene.world.chance.uniform(0, pace))
        (act,) = scene.world.chance.choices(choices, weights)
        await act(scene, *me)
