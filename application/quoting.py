"""What a cart would cost, told before anything is ordered: as checkout would say it, and nothing is written."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from application.cart import Baskets
from application.checkout import Checkout, Checkouts, price
from application.ports import Clock
from application.rates.charging import Charge, CurrentRates
from application.rates.views import ShippingOptionsView, shipping_option_view
from domain.accounts import Actor
from domain.pricing import PricedLine, Quote
from domain.promotions import customer_of
from domain.rates import Destination, spelt


class QuotedLineView(msgspec.Struct, frozen=True):
    """A line as the order will have it."""

    product: UUID
    variant: UUID | None
    product_name: str
    variant_name: str
    sku: str
    quantity: int
    unit_price: str
    discount_amount: str
    tax_amount: str
    total: str
    tax_rate: str
    included_tax_amount: str


class QuoteView(msgspec.Struct, frozen=True, kw_only=True):
    items: list[QuotedLineView]
    subtotal: str
    discount_amount: str
    tax_amount: str
    included_tax_amount: str
    shipping_cost: str
    total_amount: str
    currency: str
    coupon: str | None
    shipping_method: str
    shipping_method_name: str
    estimated_days: int
    prices_include_tax: bool


def quote_view(quote: Quote, coupon: str | None) -> QuoteView:
    shipping = quote.terms.shipping
    return QuoteView(
        items=[_line_view(line) for line in quote.lines],
        subtotal=str(quote.subtotal),
        discount_amount=str(quote.discount),
        tax_amount=str(quote.tax),
        included_tax_amount=str(quote.included_tax),
        shipping_cost=str(quote.shipping),
        total_amount=str(quote.total),
        currency=quote.total.currency,
        coupon=coupon,
        shipping_method=shipping.code,
        shipping_method_name=shipping.name,
        estimated_days=shipping.estimated_days,
        prices_include_tax=quote.terms.taxes.included,
    )


def _line_view(line: PricedLine) -> QuotedLineView:
    offer = line.offer
    return QuotedLineView(
        offer.product,
        offer.variant,
        offer.product_name,
        offer.variant_name,
        offer.sku,
        line.quantity,
        str(offer.price),
        str(line.discount),
        str(line.tax),
        str(line.total),
        spelt(line.tax_rate),
        str(line.included_tax),
    )


@dataclass(frozen=True, slots=True)
class QuoteCart:
    """Goes the way of PlaceOrder up to the price. Of a guest it needs no e-mail address; one that is given counts."""

    checkouts: Checkouts
    charge: Charge
    rates: CurrentRates
    clock: Clock

    async def __call__(self, who: Actor, checkout: Checkout) -> QuoteView:
        """Raises what PlaceOrder does."""
        owner = who.must_own()
        state = await self.checkouts.read(owner, None, checkout.named, customer_of(owner, checkout.email))
        return quote_view(await price(self.charge, self.rates, checkout, state, self.clock()), state.coupon)


@dataclass(frozen=True, slots=True)
class ListShippingOptions:
    """Of an empty cart, too: what the cheapest order would pay."""

    baskets: Baskets
    charge: Charge
    rates: CurrentRates
    clock: Clock

    async def __call__(self, who: Actor, destination: Destination) -> ShippingOptionsView:
        basket = await self.baskets.of(who.must_own())
        found = await self.charge.options(basket, destination, await self.rates.now(), self.clock())
        return ShippingOptionsView([shipping_option_view(option) for option in found])
