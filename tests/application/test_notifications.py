"""The order confirmation: what it says, and what nobody can make it say."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest

import domain
from adapters.memory.mail import MemoryMailer
from application.notifications import ConfirmOrder, Letterhead, confirmation
from application.outbox import Subscribers
from application.ports import Mail, StoredEvent
from application.subscriptions import SUBSCRIPTIONS
from domain.accounts import Address
from domain.aggregate import Event
from domain.catalog import ProductId
from domain.inventory import Sku
from domain.money import Money
from domain.ordering import LineId, Order, OrderId, OrderLine, OrderNotFound, OrderPlaced, Placement

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LETTERHEAD = Letterhead("https://shop.example.com/")
HOME = Address(
    full_name="Ada Lovelace", address_line1="1 Engine Street", city="London", postal_code="N1 9GU", country="GB"
)


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def a_line(name: str = "Desk lamp", variant: str = "", quantity: int = 2, price: int = 2499) -> OrderLine:
    return OrderLine(
        id=LineId(uuid4()),
        product=ProductId(uuid4()),
        variant=None,
        product_name=name,
        variant_name=variant,
        sku=Sku("LAMP"),
        quantity=quantity,
        unit_price=usd(price),
        discount=usd(0),
        tax=usd(250),
        total=usd(quantity * price),
        tax_rate=Decimal(10),
    )


def an_order(address: Address = HOME, lines: tuple[OrderLine, ...] = (a_line(),), discount: int = 0) -> Order:
    return Order(
        id=OrderId(uuid4()),
        number="ORD-7K2M",
        placement=Placement(user=None, email="ada@example.com", shipping_address=address, billing_address=address),
        lines=lines,
        subtotal=usd(4998),
        discount=usd(discount),
        tax=usd(500),
        shipping=usd(1000),
        total=usd(6498 - discount),
        created_at=NOON,
        expires_at=NOON + timedelta(hours=1),
    )


def the_mail(order: Order) -> Mail:
    return confirmation(order, LETTERHEAD, "7.confirmorder@mail.tradepost")


def test_the_mail_tells_number_lines_sums_and_address() -> None:
    mail = the_mail(an_order(lines=(a_line(variant="Brass"), a_line("Bulb", quantity=1, price=300))))
    assert (mail.to, mail.subject) == ("ada@example.com", "Your order ORD-7K2M")
    assert mail.text == (
        "Thank you for your order ORD-7K2M.\n\n"
        "2 x Desk lamp, Brass: 49.98 USD\n"
        "1 x Bulb: 3.00 USD\n\n"
        "Subtotal: 49.98 USD\nTax 10 %: 5.00 USD\nShipping: 10.00 USD\nTotal: 64.98 USD\n\n"
        "It goes to:\nAda Lovelace\n1 Engine Street\nN1 9GU London\nGB\n\n"
        "Your order: https://shop.example.com/api/orders/orders/ORD-7K2M/\n\nTradepost\n"
    )
    for told in ("2 × Desk lamp, Brass", "49.98 USD", "64.98 USD", "1 Engine Street<br>", "N1 9GU London"):
        assert told in mail.html
    assert 'href="https://shop.example.com/api/orders/orders/ORD-7K2M/"' in mail.html


def test_a_discount_is_told_only_where_there_is_one() -> None:
    assert "Discount" not in the_mail(an_order()).text
    assert "Discount: -1.00 USD" in the_mail(an_order(discount=100)).text


def test_what_a_customer_typed_is_no_markup_and_no_line_of_ours() -> None:
    name = "<script>alert(1)</script>\r\n\r\nTotal: 0.00 USD {number}"
    mail = the_mail(an_order(replace(HOME, full_name=name), (a_line('<b onload="x">'),)))
    assert "<script" not in mail.html
    assert "<b " not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Total: 0.00 USD {number}" in mail.html
    assert "\nTotal: 0.00" not in mail.text


@dataclass
class OrdersOnly:
    """A store with one order, or none."""

    order: Order | None

    @property
    def orders(self) -> "OrdersOnly":
        return self

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        yield self

    async def get(self, id: OrderId) -> Order:
        if self.order is None or self.order.id != id:
            raise OrderNotFound
        return self.order


def placed(order: Order) -> OrderPlaced:
    return OrderPlaced(
        order=order.id, number=order.number, user=None, email="ada@example.com", total=6498, currency="USD", at=NOON
    )


async def test_told_twice_of_the_same_order_it_writes_once() -> None:
    order, mailer, event = an_order(), MemoryMailer(lambda: NOON), uuid4()
    confirm = ConfirmOrder(OrdersOnly(order), mailer, LETTERHEAD)
    await confirm(event, placed(order))
    await confirm(event, placed(order))
    assert [mail.message_id for mail in await mailer.sent()] == [f"{event}.confirmorder@mail.tradepost"]


async def test_of_an_order_that_is_not_there_it_writes_nothing() -> None:
    mailer = MemoryMailer(lambda: NOON)
    with pytest.raises(OrderNotFound):
        await ConfirmOrder(OrdersOnly(None), mailer, LETTERHEAD)(uuid4(), placed(an_order()))
    assert await mailer.sent() == []


def events_of(kind: type[Event]) -> set[type[Event]]:
    return {each for child in kind.__subclasses__() for each in ({child} | events_of(child))}


def test_the_page_of_subscriptions_names_every_event_of_the_domain() -> None:
    for module in iter_modules(domain.__path__, "domain."):
        import_module(module.name)
    told = {each.__qualname__ for each in events_of(Event) if each.__module__.startswith("domain.")}
    assert {each.__qualname__ for each in SUBSCRIPTIONS} == told


def test_every_handler_takes_the_event_that_it_subscribes_to() -> None:
    for event, handlers in SUBSCRIPTIONS.items():
        for handler in handlers:
            hints = get_type_hints(handler.__call__)
            assert issubclass(event, hints["event"]), f"{handler.__name__} on {event.__name__}"


def test_no_two_handlers_share_a_name() -> None:
    handlers = {each for several in SUBSCRIPTIONS.values() for each in several}
    assert len({each.__name__ for each in handlers}) == len(handlers)


SAMPLES: dict[Any, Any] = {int: 6498, str: "ORD-7K2M", UUID: UUID(int=7), datetime: NOON, bool: True}


def a_sample(annotation: Any) -> Any:
    """A value of a field's type: what an event can carry is flat."""
    annotation = getattr(annotation, "__supertype__", annotation)
    if annotation in SAMPLES:
        return SAMPLES[annotation]
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        return a_sample(get_args(annotation)[0])
    if get_origin(annotation) is Mapping:
        return {"name": "Lamp"}
    if annotation == tuple[str, ...]:
        return ("name", "price")
    if annotation == tuple[UUID, ...]:
        return (UUID(int=9),)
    return next(iter(annotation))  # an enumeration


@pytest.mark.parametrize("kind", SUBSCRIPTIONS, ids=lambda kind: kind.__name__)
def test_every_event_comes_back_from_the_outbox_as_it_was(kind: type[Event]) -> None:
    event = kind(**{name: a_sample(hint) for name, hint in get_type_hints(kind).items()})
    data = msgspec.json.decode(msgspec.json.encode(event))
    stored = StoredEvent(uuid4(), kind.__name__, "order", uuid4(), 1, event.at, data)
    assert Subscribers(dict.fromkeys(SUBSCRIPTIONS, ())).event(stored) == event
