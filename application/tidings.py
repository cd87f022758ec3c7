"""What the shop writes to a customer about an order on its way: sent, delivered, cancelled, refunded."""

from dataclasses import dataclass
from html import escape
from uuid import UUID

from application.notifications import Letterhead
from application.ports import Mail, Mailer, Store
from domain.money import written
from domain.ordering import (
    UNPAID,
    Order,
    OrderCancelled,
    OrderDelivered,
    OrderId,
    OrderRefunded,
    OrderShipped,
    Shipment,
)
from domain.personal import is_forgotten

HTML = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{subject}</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 2em auto">
<h1 style="font-size: 1.3em">{subject}</h1>
{paragraphs}
<p><a href="{link}">Your order {number}</a></p>
<p>{shop}</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class WriteOfOrder:
    """Sends a few lines about an order to who placed it."""

    store: Store
    mailer: Mailer
    letterhead: Letterhead

    async def order(self, id: OrderId) -> Order:
        async with self.store.transaction() as tx:
            return await tx.orders.get(id)

    async def __call__(self, message_id: str, order: Order, subject: str, paragraphs: list[list[str]]) -> None:
        if is_forgotten(order.placement):
            return
        plain = [[" ".join(line.split()) for line in lines] for lines in paragraphs]
        link = self.letterhead.order_link(order)
        below = [f"Your order: {link}", self.letterhead.shop]
        await self.mailer.send(
            Mail(
                message_id=message_id,
                to=order.placement.email,
                subject=subject,
                text="\n\n".join([f"{subject}.", *("\n".join(lines) for lines in plain), *below]) + "\n",
                html=HTML.format(
                    subject=escape(subject),
                    paragraphs="\n".join(f"<p>{'<br>'.join(map(escape, lines))}</p>" for lines in plain),
                    link=escape(link),
                    number=escape(order.number),
                    shop=escape(self.letterhead.shop),
                ),
            )
        )


@dataclass(frozen=True, slots=True)
class TellOfShipment:
    write: WriteOfOrder

    async def __call__(self, id: UUID, event: OrderShipped) -> None:
        order = await self.write.order(event.order)
        parcel = order.shipments[event.parcel - 1]
        what = "Your order {} is on its way" if event.is_whole else "A part of your order {} is on its way"
        rest = [] if event.is_whole else [["The rest follows in another parcel."]]
        paragraphs = [_contents(order, parcel), *_tracking(parcel), *rest]
        message_id = self.write.letterhead.message_id(id, "TellOfShipment")
        await self.write(message_id, order, what.format(event.number), paragraphs)


@dataclass(frozen=True, slots=True)
class TellOfDelivery:
    write: WriteOfOrder

    async def __call__(self, id: UUID, event: OrderDelivered) -> None:
        order = await self.write.order(event.order)
        message_id = self.write.letterhead.message_id(id, "TellOfDelivery")
        await self.write(message_id, order, f"Your order {event.number} was delivered", [["We hope that you like it."]])


@dataclass(frozen=True, slots=True)
class TellOfCancellation:
    write: WriteOfOrder

    async def __call__(self, id: UUID, event: OrderCancelled) -> None:
        order = await self.write.order(event.order)
        why = "It was not paid in time." if event.reason == UNPAID else f"Reason: {event.reason}"
        money = "What you paid is on its way back." if event.was_paid else "You owe us nothing."
        message_id = self.write.letterhead.message_id(id, "TellOfCancellation")
        paragraphs = [[why], [money]] if event.reason else [[money]]
        await self.write(message_id, order, f"Your order {event.number} was cancelled", paragraphs)


@dataclass(frozen=True, slots=True)
class TellOfRefund:
    write: WriteOfOrder

    async def __call__(self, id: UUID, event: OrderRefunded) -> None:
        order = await self.write.order(event.order)
        back = f"{written(event.refunded, event.currency)} {event.currency}"
        sums = f"Of {order.total} {order.currency} that you paid, {back} went back in all."
        message_id = self.write.letterhead.message_id(id, "TellOfRefund")
        await self.write(message_id, order, f"A refund for your order {event.number}", [[sums]])


def _contents(order: Order, parcel: Shipment) -> list[str]:
    lines = {line.id: line for line in order.lines}
    named = ((each.quantity, lines[each.line]) for each in parcel.items)
    return [f"{count} x {' '.join(filter(None, (line.product_name, line.variant_name)))}" for count, line in named]


def _tracking(parcel: Shipment) -> list[list[str]]:
    told = [("Carrier", parcel.carrier), ("Tracking number", parcel.tracking_number)]
    lines = [f"{label}: {value}" for label, value in told if value]
    return [lines] if lines else []
