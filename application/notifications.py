"""What the shop writes to its customers, and when."""

from dataclasses import dataclass
from decimal import Decimal
from html import escape
from uuid import UUID

from application.ports import Mail, Mailer, Store
from domain.accounts import Address
from domain.money import Money, total
from domain.ordering import Order, OrderLine, OrderPlaced
from domain.personal import is_forgotten
from domain.rates import spelt


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes, and where the shop is found: links are built from `url` alone, never from a request."""

    url: str  # PUBLIC_BASE_URL
    shop: str = "Tradepost"

    def message_id(self, event: UUID, handler: str) -> str:
        """The same for every try at the same event, so that a mailbox can tell a repetition."""
        return f"{event}.{handler.lower()}@mail.tradepost"

    def order_link(self, order: Order) -> str:
        return f"{self.url.rstrip('/')}/api/orders/orders/{order.number}/"


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """Mails the order back to who placed it."""

    store: Store
    mailer: Mailer
    letterhead: Letterhead

    async def __call__(self, id: UUID, event: OrderPlaced) -> None:
        async with self.store.transaction() as tx:
            order = await tx.orders.get(event.order)
        if not is_forgotten(order.placement):
            message_id = self.letterhead.message_id(id, "ConfirmOrder")
            await self.mailer.send(confirmation(order, self.letterhead, message_id))


def confirmation(order: Order, letterhead: Letterhead, message_id: str) -> Mail:
    return Mail(
        message_id=message_id,
        to=order.placement.email,
        subject=f"Your order {order.number}",
        text=_text(order, letterhead),
        html=_html(order, letterhead),
    )


def _text(order: Order, letterhead: Letterhead) -> str:
    lines = [
        f"Thank you for your order {order.number}.",
        "",
        *(f"{line.quantity} x {_plain(_name(line))}: {_price(line.total)}" for line in order.lines),
        "",
        *(f"{label}: {_price(amount)}" for label, amount in sums(order)),
        "",
        "It goes to:",
        *_address(order.placement.shipping_address),
        "",
        f"Your order: {letterhead.order_link(order)}",
        "",
        letterhead.shop,
    ]
    return "\n".join(lines) + "\n"


HTML = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Your order {number}</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 2em auto">
<h1 style="font-size: 1.3em">Thank you for your order {number}.</h1>
<table style="width: 100%; border-collapse: collapse">
{lines}
</table>
<table style="margin-left: auto">
{sums}
</table>
<p>It goes to:<br>
{address}</p>
<p><a href="{link}">Your order {number}</a></p>
<p>{shop}</p>
</body>
</html>
"""


def _html(order: Order, letterhead: Letterhead) -> str:
    return HTML.format(
        number=escape(order.number),
        lines="\n".join(_row(f"{line.quantity} × {_plain(_name(line))}", line.total) for line in order.lines),
        sums="\n".join(_row(label, amount) for label, amount in sums(order)),
        address="<br>\n".join(escape(line) for line in _address(order.placement.shipping_address)),
        link=escape(letterhead.order_link(order)),
        shop=escape(letterhead.shop),
    )


def _row(label: str, amount: Money) -> str:
    return f'<tr><td>{escape(label)}</td><td style="text-align: right">{escape(_price(amount))}</td></tr>'


def _name(line: OrderLine) -> str:
    return f"{line.product_name}, {line.variant_name}" if line.variant_name else line.product_name


def sums(order: Order) -> list[tuple[str, Money]]:
    """What makes the total. Taxes are told by their rate; those that the prices had in them are added to nothing."""
    discount = [("Discount", -order.discount)] if order.discount else []
    return [
        ("Subtotal", order.subtotal),
        *discount,
        *_taxes(order),
        ("Shipping", order.shipping),
        ("Total", order.total),
    ]


def _taxes(order: Order) -> list[tuple[str, Money]]:
    included = order.placement.tax_included
    by_rate: dict[Decimal | None, list[Money]] = {}
    for line in order.lines:
        by_rate.setdefault(line.tax_rate, []).append(order.placement.included_tax(line) if included else line.tax)
    label = "Includes tax" if included else "Tax"
    return [
        (label if rate is None else f"{label} {spelt(rate)} %", total(taxes, order.currency))
        for rate, taxes in sorted(by_rate.items(), key=lambda each: -1 if each[0] is None else each[0])
    ]


def _address(address: Address) -> list[str]:
    lines = [
        address.full_name,
        address.address_line1,
        address.address_line2,
        f"{address.postal_code} {address.city}",
        address.state,
        address.country,
    ]
    return [plain for line in lines if (plain := _plain(line))]


def _price(amount: Money) -> str:
    return f"{amount} {amount.currency}"


def _plain(text: str) -> str:
    """On one line, so that what a customer typed cannot pass for lines of ours."""
    return " ".join(text.split())
