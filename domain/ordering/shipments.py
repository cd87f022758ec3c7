"""What was sent to the customer, and with whom."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import Conflict, NotFound
from domain.inventory import Demand, Sku
from domain.ordering.lines import LineId, OrderLine

Wanted = Mapping[LineId, int]  # so many pieces of which lines


@dataclass(frozen=True, slots=True)
class Pieces:
    """So many of one line."""

    line: LineId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """One parcel."""

    items: tuple[Pieces, ...]
    shipped_at: datetime
    tracking_number: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What staff say of it; without items it is all that is left."""

    items: Wanted | None = None
    tracking_number: str = ""
    carrier: str = ""


class OrderLineNotFound(NotFound):
    """The order has no such line."""

    code = "order-line-not-found"


@dataclass(frozen=True, slots=True)
class Excess:
    """More pieces of a line are named than are left."""

    line: LineId
    requested: int
    available: int

    @property
    def told(self) -> dict[str, Any]:
        return {"id": str(self.line), "requested": self.requested, "available": self.available}


@dataclass(unsafe_hash=True)
class ExceedsShippable(Conflict):
    """More would be sent than is left to be; one entry per line."""

    items: tuple[Excess, ...]
    code = "exceeds-shippable"

    @property
    def facts(self) -> dict[str, Any]:
        return {"items": [each.told for each in self.items]}


class NothingToShip(Conflict):
    """Everything that was not sent yet was refunded."""

    code = "nothing-to-ship"


def pieces(wanted: Wanted) -> tuple[Pieces, ...]:
    return tuple(Pieces(line, quantity) for line, quantity in wanted.items() if quantity)


def known(wanted: Wanted | None, otherwise: Wanted) -> Wanted:
    """What is wanted, of lines that are there. Raises OrderLineNotFound for those of another order."""
    if wanted is None:
        return otherwise
    if wanted.keys() - otherwise.keys():
        raise OrderLineNotFound
    return wanted


def counted(parts: Iterable[Iterable[Pieces]], line: LineId) -> int:
    """How many of the line there are in all the parts."""
    return sum(each.quantity for part in parts for each in part if each.line == line)


def excesses(wanted: Wanted, left: Wanted) -> tuple[Excess, ...]:
    """Every line of which more is wanted than is left."""
    return tuple(Excess(line, asked, left[line]) for line, asked in wanted.items() if asked > left[line])


def left(lines: Iterable[OrderLine], gone: Iterable[Iterable[Pieces]]) -> Wanted:
    """By line, what is not in any of the parts."""
    parts = list(gone)
    return {line.id: max(0, line.quantity - counted(parts, line.id)) for line in lines}


def in_stock(lines: Iterable[OrderLine], parts: Iterable[Pieces]) -> Demand:
    """By SKU, the pieces that stock counts."""
    tracked = {line.id: line.sku for line in lines if line.tracked}
    found: Counter[Sku] = Counter()
    for each in parts:
        if each.line in tracked:
            found[tracked[each.line]] += each.quantity
    return found
