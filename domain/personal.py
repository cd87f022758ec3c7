"""Personal data: what has to go when a person goes, and what the books keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from domain.accounts import Address, UserId
from domain.accounts.users import ERASED
from domain.errors import Conflict
from domain.ordering import Moment, Placement, Shipment, Status

OPEN = frozenset({Status.PENDING, Status.PROCESSING, Status.SHIPPED})
# What events tell of a person, by event and field; a test holds that every text of an event is judged.
TOLD = {
    ("UserRegistered", "email"),
    ("EmailChangeRequested", "email"),
    ("EmailChanged", "email"),
    ("EmailChanged", "former"),
    ("OrderPlaced", "email"),
    ("OrderCancelled", "reason"),  # in the customer's own words
}
UNTOLD = frozenset({"cancelled", "shipped", "partially_shipped"})  # whose details go


@dataclass(unsafe_hash=True)
class OpenOrders(Conflict):
    """Somebody still waits for goods or money: the person cannot be forgotten yet."""

    orders: Sequence[str]  # their numbers
    code = "open-orders"

    @property
    def facts(self) -> dict[str, Any]:
        return {"orders": list(self.orders)}


class PersonalData(Protocol):
    """All that the shop holds on a user beside the account itself, wherever it lies."""

    async def forget(self, user: UserId, stand_in: str) -> None:
        """`stand_in` takes the place of e-mail addresses. The caller holds the user's lock. Raises OpenOrders."""
        ...


def anonymous(placement: Placement, stand_in: str) -> Placement:
    """Of who ordered, and where to, the country is left."""
    return replace(
        placement,
        email=stand_in,
        shipping_address=_country_of(placement.shipping_address),
        billing_address=_country_of(placement.billing_address),
        customer_notes="",
    )


def is_forgotten(placement: Placement) -> bool:
    """Nobody reads what is written to them."""
    return placement.email.endswith(f"@{ERASED}")


def silent(timeline: Iterable[Moment]) -> tuple[Moment, ...]:
    """Why it was cancelled was said in the customer's own words, and a tracking number leads to their door."""
    return tuple(replace(moment, detail="") if moment.event in UNTOLD else moment for moment in timeline)


def untraceable(shipments: Iterable[Shipment]) -> tuple[Shipment, ...]:
    return tuple(replace(shipment, tracking_number="") for shipment in shipments)


def _country_of(address: Address) -> Address:
    return Address(full_name="", address_line1="", city="", postal_code="", country=address.country)
