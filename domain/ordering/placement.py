"""Who placed an order, where it goes, and what the customer sees of its life."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.accounts import Address, GuestId, UserId
from domain.errors import Conflict, NotFound
from domain.money import Money
from domain.ordering.lines import OrderLine


class OrderNotFound(NotFound):
    code = "order-not-found"


@dataclass(unsafe_hash=True)
class PriceChanged(Conflict):
    """The caller expected another total than the order would have."""

    expected: Money
    actual: Money
    code = "price-changed"

    @property
    def facts(self) -> dict[str, Any]:
        return {"expected_total": str(self.expected), "total_amount": str(self.actual)}


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline that the customer sees."""

    at: datetime
    event: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Who places an order, and where it goes."""

    user: UserId | None
    email: str
    shipping_address: Address
    billing_address: Address
    shipping_method: str = "standard"
    shipping_name: str = "Standard"
    tax_included: bool = False  # the prices have their tax in them: lines are taxed no further
    customer_notes: str = ""
    coupon: str | None = None  # its code
    guest: GuestId | None = None  # who holds the token of the cart that it was made of

    def included_tax(self, line: OrderLine) -> Money:
        """What of the line's total is tax that its price had in it."""
        if not self.tax_included or line.tax_rate is None:
            return Money.zero(line.total.currency)
        return line.total.contained(line.tax_rate)
