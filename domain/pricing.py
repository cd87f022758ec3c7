"""Pricing: what a cart costs with discount, tax and shipping, exact to the minor unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.catalog import Offer
from domain.money import Money, total
from domain.promotions import Relief


@dataclass(frozen=True, slots=True)
class Tariff:
    """The shop's defaults: tax in per cent of each line, and shipping that is free from a subtotal on."""

    tax_rate: Decimal
    shipping_price: Money
    shipping_free_from: Money

    @property
    def currency(self) -> str:
        return self.shipping_price.currency

    def shipping(self, subtotal: Money) -> Money:
        return self.shipping_price if subtotal < self.shipping_free_from else Money.zero(self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """`quantity` of an offer. `total` is quantity x unit price - discount; its tax stands beside it."""

    offer: Offer
    quantity: int
    discount: Money
    tax: Money
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What the whole costs: total = subtotal - discount + tax + shipping."""

    lines: tuple[PricedLine, ...]
    subtotal: Money
    discount: Money
    tax: Money
    shipping: Money

    @property
    def total(self) -> Money:
        return self.subtotal - self.discount + self.tax + self.shipping


def quote(wanted: Sequence[tuple[Offer, int]], tariff: Tariff, relief: Relief | None = None) -> Quote:
    """Price offers by quantity: what is relieved comes off first, then tax is rounded half up per line."""
    gross = [offer.price * quantity for offer, quantity in wanted]
    subtotal = total(gross, tariff.currency)
    none = Money.zero(tariff.currency)
    shares = relief.shares if relief else [none] * len(gross)
    lines = tuple(
        _line(offer, quantity, share, tariff) for (offer, quantity), share in zip(wanted, shares, strict=True)
    )
    return Quote(
        lines=lines,
        subtotal=subtotal,
        discount=total(shares, tariff.currency),
        tax=total((line.tax for line in lines), tariff.currency),
        shipping=none if relief and relief.free_shipping else tariff.shipping(subtotal),
    )


def _line(offer: Offer, quantity: int, discount: Money, tariff: Tariff) -> PricedLine:
    net = offer.price * quantity - discount
    return PricedLine(offer=offer, quantity=quantity, discount=discount, tax=net.percent(tariff.tax_rate), total=net)
