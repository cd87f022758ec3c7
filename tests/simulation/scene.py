"""The scene: a world with its processes and goods, and what all who act in it have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from adapters.memory.tables import MemoryDatabase
from adapters.sandbox.ledger import MemoryLedger
from application.cancelling import CancelOrder
from application.idempotency import Answer
from application.ordering import OrderView
from application.ports import Busy, StaleWrite, Unavailable
from application.promotions import NewCoupon
from domain.accounts import Actor, GuestId
from domain.cart import Article
from domain.errors import Conflict, DomainError
from domain.inventory import Sku
from domain.ordering import OrderId, Status
from domain.promotions import Kind
from tests.simulation.world import NoAnswer, Process, World

GOODS = {"LAMP": ("19.99", 3), "MUG": ("2.50", 8), "PEN": ("0.50", 1), "RUG": ("55.55", 2), "GIFT": ("5.05", None)}
COUPONS = (  # staff change how often they can be used
    NewCoupon(code="TENTH", kind=Kind.PERCENT, value="12.5", usage_limit=1),
    NewCoupon(code="FIVER", kind=Kind.FIXED, value="5.00", per_customer_limit=1),
    NewCoupon(code="CARRY", kind=Kind.FREE_SHIPPING, value="0.00", usage_limit=2),
)
NOTHING = object()  # what comes of a call that did not succeed


@dataclass(slots=True, eq=False)
class Buyer:
    """A customer, or a guest. `orders` are those they heard of."""

    name: str
    who: Actor
    email: str
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
    newcomers: int = 0

    def now_and_then(self, rate: float) -> bool:
        return self.world.chance.random() < rate

    def newcomer(self) -> Buyer:
        """Somebody whom the shop does not know."""
        self.newcomers += 1
        token = GuestId(f"the token of guest {self.newcomers}'s cart".encode())
        return Buyer(f"guest{self.newcomers}", Actor(guest=token), "guest@example.com")

    def any_order(self, *fitting: Status) -> Any:
        """Mostly one that is in a fitting state."""
        orders = list(self.database.tables.orders.values())
        if self.now_and_then(0.8):
            orders = [one for one in orders if one.status in fitting] or orders
        return self.world.chance.choice(orders[-6:]) if orders else None

    async def cancel(self, name: str, who: Actor, id: UUID, number: str) -> None:
        what = f"cancels {number[-4:]}"
        answer = await self.asked(name, what, CancelOrder, lambda call: call(who, OrderId(id), "no longer wanted"))
        if answer is not NOTHING:
            self.world.promises.cancelled.add(id)

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
