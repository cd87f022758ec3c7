"""Refunds: money that goes back for an order, promised before the gateway is asked, and never more than was taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID

from domain.errors import Conflict, InvalidField
from domain.money import Money, total
from domain.ordering.lines import OrderLine
from domain.ordering.shipments import Excess, Pieces, Wanted, excesses, known

RefundId = NewType("RefundId", UUID)


class RefundState(StrEnum):
    PENDING = "pending"  # promised: it counts, whatever becomes of who asked for it
    DONE = "done"
    FAILED = "failed"  # the gateway refused: it counts no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWish:
    """What staff ask for: an amount, or pieces with their tax, or with neither all that is left."""

    reason: str
    amount: Money | None = None
    items: Wanted | None = None
    restock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """So much goes back, for those pieces if it names any."""

    id: RefundId
    amount: Money
    reason: str
    asked_at: datetime
    items: tuple[Pieces, ...] = ()
    restock: bool = False  # the pieces return to the shelf when it is done
    state: RefundState = RefundState.PENDING

    @property
    def counts(self) -> bool:
        return self.state is not RefundState.FAILED


@dataclass(unsafe_hash=True)
class ExceedsRefundable(Conflict):
    """More would go back than is left of what was taken, or more pieces than were bought (an entry per line)."""

    left: Money | None = None
    items: tuple[Excess, ...] = ()
    code = "exceeds-refundable"

    @property
    def facts(self) -> dict[str, Any]:
        left = {"refundable": str(self.left)} if self.left is not None else {}
        return left | ({"items": [each.told for each in self.items]} if self.items else {})


def worth(line: OrderLine, done: int, now: int) -> Money:
    """What `now` more pieces are worth with their tax, after `done` went back; all pieces are worth the line."""
    return line.total.share(done, now, line.quantity) + line.tax.share(done, now, line.quantity)


def worth_of(items: Wanted, lines: Sequence[OrderLine], unrefunded: Wanted) -> Money:
    """What these pieces are worth beside those that went back already."""
    named = [line for line in lines if line.id in items]
    amounts = (worth(line, line.quantity - unrefunded[line.id], items[line.id]) for line in named)
    return total(amounts, lines[0].total.currency)


def refunded_by(wish: RefundWish, unrefunded: Wanted, rest: Money) -> Wanted:
    """The pieces that it is for: those named, all where the whole order is meant, else none.

    Raises OrderLineNotFound, ExceedsRefundable; InvalidField where it is unclear what returns.
    """
    if wish.items is None and (wish.amount is None or (wish.restock and wish.amount == rest)):
        return unrefunded
    if wish.items is None and wish.restock:
        raise InvalidField("/items", "required", "say which pieces return")
    items = known(wish.items or {}, unrefunded)
    if over := excesses(items, unrefunded):
        raise ExceedsRefundable(rest, over)
    return items
