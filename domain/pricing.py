"""Pricing: what a cart costs with discount, tax and shipping, exact to the minor unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.catalog import Offer
from domain.money import Money, total
from domain.promotions import Relief
from domain.rates import EXEMPT, ShippingOption, TaxTerms

STANDARD_DAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a purchase is charged beside its goods."""

    shipping: ShippingOption
    taxes: TaxTerms


@dataclass(frozen=True, slots=True)
class Tariff:
    """The shop's defaults: tax in per cent of each line, and shipping that is free from a subtotal on."""

    tax_rate: Decimal
    shipping_price: Money
    shipping_free_from: Money

    @property
    def currency(self) -> str:
        return self.shipping_price.currency

    def shipping(self, subtotal: Money) -> ShippingOption:
        price = self.shipping_price if subtotal < self.shipping_free_from else Money.zero(self.currency)
        return ShippingOption("standard", "Standard", price, STANDARD_DAYS)

    def taxes(self, wanted: Sequence[tuple[Offer, int]]) -> TaxTerms:
        return TaxTerms(tuple(Decimal(0) if offer.tax_class == EXEMPT else self.tax_rate for offer, _ in wanted))

    def terms(self, wanted: Sequence[tuple[Offer, int]]) -> Terms:
        subtotal = total((offer.price * quantity for offer, quantity in wanted), self.currency)
        return Terms(shipping=self.shipping(subtotal), taxes=self.taxes(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """`quantity` of an offer. `total` is quantity x unit price - discount; `tax` is what is added to it.

    A price that has its tax in it adds none: it is `included_tax`, a part of the total.
    """

    offer: Offer
    quantity: int
    discount: Money
    tax: Money
    total: Money
    tax_rate: Decimal
    included_tax: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What the whole costs: total = subtotal - discount + tax + shipping."""

    lines: tuple[PricedLine, ...]
    subtotal: Money
    discount: Money
    tax: Money
    shipping: Money
    terms: Terms

    @property
    def total(self) -> Money:
        return self.subtotal - self.discount + self.tax + self.shipping

    @property
    def included_tax(self) -> Money:
        return total((line.included_tax for line in self.lines), self.subtotal.currency)


def quote(wanted: Sequence[tuple[Offer, int]], terms: Terms, relief: Relief | None = None) -> Quote:
    """Price offers by quantity: what is relieved comes off first, then tax is rounded half up per line."""
    currency = terms.shipping.price.currency
    gross = [offer.price * quantity for offer, quantity in wanted]
    none = Money.zero(currency)
    shares = relief.shares if relief else [none] * len(gross)
    lines = tuple(
        _line(offer, quantity, share, rate, included=terms.taxes.included)
        for (offer, quantity), share, rate in zip(wanted, shares, terms.taxes.rates, strict=True)
    )
    return Quote(
        lines=lines,
        subtotal=total(gross, currency),
        discount=total(shares, currency),
        tax=total((line.tax for line in lines), currency),
        shipping=none if relief and relief.free_shipping else terms.shipping.price,
        terms=terms,
    )


def _line(offer: Offer, quantity: int, discount: Money, rate: Decimal, *, included: bool) -> PricedLine:
    charged, none = offer.price * quantity - discount, Money.zero(offer.price.currency)
    return PricedLine(
        offer=offer,
        quantity=quantity,
        discount=discount,
        tax=none if included else charged.percent(rate),
        total=charged,
        tax_rate=rate,
        included_tax=charged.contained(rate) if included else none,
    )
