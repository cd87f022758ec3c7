"""Papers: what is printed of an order, the invoice for the customer and the slip for who packs it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.notifications import Letterhead, sums
from application.ordering import OrderViews, Reference, visible
from domain.accounts import Actor, Address, Permission, must
from domain.ordering import Order, OrderLine

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A page as text: who prints it gives it a form. `numeric` columns stand to the right."""

    kind: str  # names the file
    title: str
    number: str
    shop: str
    made_at: datetime
    facts: Pairs
    addresses: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[str, ...]
    numeric: frozenset[int]
    rows: tuple[tuple[str, ...], ...]
    sums: Pairs = ()
    notes: str = ""


class Press(Protocol):
    """Prints papers."""

    def page(self, paper: Paper) -> str:
        """HTML, for the browser to print."""
        ...

    async def pdf(self, paper: Paper) -> bytes: ...


@dataclass(frozen=True, slots=True)
class WriteInvoice:
    """What was bought, for how much, and what of it was paid."""

    orders: OrderViews
    letterhead: Letterhead

    async def __call__(self, who: Actor, reference: Reference) -> Paper:
        """Raises OrderNotFound."""
        order = visible(await self.orders.find(reference), who)
        placement = order.placement
        paid = f"{order.paid_at:%Y-%m-%d}" if order.paid_at else "not yet"
        return Paper(
            kind="invoice",
            title="Invoice",
            number=order.number,
            shop=self.letterhead.shop,
            made_at=order.created_at,
            facts=(
                ("Order", order.number),
                ("Ordered", f"{order.created_at:%Y-%m-%d}"),
                ("Paid", paid),
                ("Status", f"{order.status.value}, payment {order.payment_status.value.replace('_', ' ')}"),
                ("Shipping", placement.shipping_name),
            ),
            addresses=(
                ("Bill to", _address(placement.billing_address)),
                ("Ship to", _address(placement.shipping_address)),
            ),
            columns=("Item", "SKU", "Quantity", "Unit price", "Discount", "Total", "Tax"),
            numeric=frozenset(range(2, 7)),
            rows=tuple(_charged(order, line) for line in order.lines),
            sums=tuple((label, f"{amount} {amount.currency}") for label, amount in sums(order)),
        )


@dataclass(frozen=True, slots=True)
class WritePackingSlip:
    """What goes into the parcel, without prices."""

    orders: OrderViews
    letterhead: Letterhead

    async def __call__(self, who: Actor, reference: Reference) -> Paper:
        """Raises OrderNotFound."""
        must(who, Permission.READ_ORDERS)
        order = visible(await self.orders.find(reference), who)
        return Paper(
            kind="packing-slip",
            title="Packing slip",
            number=order.number,
            shop=self.letterhead.shop,
            made_at=order.created_at,
            facts=(
                ("Order", order.number),
                ("Ordered", f"{order.created_at:%Y-%m-%d}"),
                ("Shipping", order.placement.shipping_name),
            ),
            addresses=(("Ship to", _address(order.placement.shipping_address)),),
            columns=("Item", "SKU", "Ordered", "Sent", "To pack"),
            numeric=frozenset({2, 3, 4}),
            rows=tuple(_packed(order, line) for line in order.lines),
            notes=order.placement.customer_notes,
        )


def _charged(order: Order, line: OrderLine) -> tuple[str, ...]:
    tax = order.placement.included_tax(line) if order.placement.tax_included else line.tax
    amounts = (line.unit_price, line.discount, line.total, tax)
    return (_name(line), line.sku, str(line.quantity), *map(str, amounts))


def _packed(order: Order, line: OrderLine) -> tuple[str, ...]:
    sent = sum(each.quantity for parcel in order.shipments for each in parcel.items if each.line == line.id)
    return (_name(line), line.sku, str(line.quantity), str(sent), str(order.to_ship[line.id]))


def _name(line: OrderLine) -> str:
    return ", ".join(filter(None, (line.product_name, line.variant_name)))


def _address(address: Address) -> tuple[str, ...]:
    lines = (
        address.full_name,
        address.address_line1,
        address.address_line2,
        f"{address.postal_code} {address.city}",
        address.state,
        address.country,
        address.phone_number,
    )
    return tuple(plain for line in lines if (plain := " ".join(line.split())))
