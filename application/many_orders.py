"""The same done to many orders: each for itself, with an outcome of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from application.cancelling import CancelOrder
from application.catalog.bulk import BulkOutcome, BulkOutcomes
from application.idempotency import Answer, AnswerOnce, RequestInProgress, claimed
from application.ports import Busy, Unavailable
from application.shipping import DeliverOrder, ShipOrder
from domain.accounts import Actor, Permission, must
from domain.errors import DomainError
from domain.ordering import OrderId, Parcel

AT_ONCE = 100
DONE, REFUSED = 200, 409  # as what an outcome is remembered
Act = Callable[[Actor, OrderId], Awaitable[Any]]


class BulkOrders(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is shipped is all that is left of an order."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=AT_ONCE)]
    action: Literal["ship", "deliver", "cancel"]


@dataclass(frozen=True, slots=True)
class ChangeOrders:
    """One after the other, each in a transaction of its own: a cancellation asks the gateway.

    Under a key each has a key of its own, so that who takes over goes on where the first one ended.
    """

    ship: ShipOrder
    deliver: DeliverOrder
    cancel: CancelOrder
    frame: AnswerOnce

    async def __call__(self, who: Actor, bulk: BulkOrders) -> BulkOutcomes:
        """What befalls one order is in its outcome."""
        must(who, Permission.WRITE_ORDERS)
        acts: dict[str, Act] = {
            "ship": lambda who, id: self.ship(who, id, Parcel()),
            "deliver": self.deliver,
            "cancel": lambda who, id: self.cancel(who, id, ""),
        }
        act = acts[bulk.action]
        return BulkOutcomes([await self._outcome(act, who, wanted) for wanted in dict.fromkeys(bulk.ids)])

    async def _outcome(self, act: Act, who: Actor, id: UUID) -> BulkOutcome:
        try:
            refusal = await self._done(lambda: act(who, OrderId(id)), str(id))
        except Unavailable:
            return BulkOutcome(id, ok=False, code="unavailable")
        except RequestInProgress:  # who was overtaken still has this one
            raise
        except Busy:
            return BulkOutcome(id, ok=False, code="busy")
        return BulkOutcome(id, ok=False, code=refusal) if refusal else BulkOutcome(id, ok=True)

    async def _done(self, act: Callable[[], Awaitable[Any]], name: str) -> str:
        """Why it was refused, if it was."""
        claim = claimed.get()
        answer = await (self.frame.leased(claim.once.part(name), lambda: _tried(act)) if claim else _tried(act))
        return answer.body.decode() if answer.status == REFUSED else ""


async def _tried(act: Callable[[], Awaitable[Any]]) -> Answer:
    try:
        await act()
    except DomainError as refusal:
        return Answer(refusal.code.encode(), REFUSED)
    return Answer(b"", DONE)
