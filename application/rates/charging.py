"""What a basket is charged beside its goods, by the shop's own tables, or by a carrier or a tax service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.ports import Currency
from domain.cart import Basket
from domain.catalog import Offer
from domain.pricing import Quote, Tariff, Terms, quote
from domain.promotions import Relief
from domain.rates import Consignment, Destination, Rates, ShippingOption, TaxTerms, chosen, closest


class CurrentRates(Protocol):
    """The shop's rates, kept in the process: asked for by their version, they are read again only after a change."""

    async def at(self, version: int) -> Rates:
        """Those of that version, or later ones."""
        ...

    async def now(self) -> Rates: ...


class Carriers(Protocol):
    """Who says how an order can be sent, and for how much. Raises Unavailable("shipping")."""

    async def options(self, consignment: Consignment, rates: Rates) -> Sequence[ShippingOption]:
        """In the order in which they are offered; none where nothing goes there."""
        ...


class Taxes(Protocol):
    """Who says what an order is taxed with. Raises Unavailable("taxes")."""

    async def terms(self, consignment: Consignment, relief: Relief | None, rates: Rates) -> TaxTerms:
        """A rate for each line; `relief` is taken off before it is taxed."""
        ...


@dataclass(frozen=True, slots=True)
class OwnCarriers:
    """By the shop's zones; as the settings say where there are none."""

    tariff: Tariff

    async def options(self, consignment: Consignment, rates: Rates) -> Sequence[ShippingOption]:
        if not rates.shipping_zones:
            return [self.tariff.shipping(consignment.subtotal)]
        zone = closest(rates.shipping_zones, consignment.destination)
        return zone.options(consignment) if zone else []


@dataclass(frozen=True, slots=True)
class OwnTaxes:
    """By the shop's zones, and nothing outside of them; as the settings say where there are none."""

    tariff: Tariff

    async def terms(self, consignment: Consignment, relief: Relief | None, rates: Rates) -> TaxTerms:
        if not rates.tax_zones:
            return self.tariff.taxes(consignment.wanted)
        zone = closest(rates.tax_zones, consignment.destination)
        return zone.terms(consignment.wanted) if zone else TaxTerms.none(consignment.wanted)


@dataclass(frozen=True, slots=True)
class Charge:
    """The one way from a basket and where it goes to what it costs: orders, quotes and options come from it."""

    carriers: Carriers
    taxes: Taxes
    currency: Currency

    async def __call__(
        self, basket: Basket, destination: Destination, method: str | None, rates: Rates, at: datetime
    ) -> Quote:
        """Raises what Basket.priced and Basket.relief do, NoShippingMethod, InvalidField, Unavailable."""
        wanted, relief = basket.priced(), basket.relief(at)
        consignment = Consignment(wanted, destination, self.currency)
        shipping = chosen(await self.carriers.options(consignment, rates), method)
        taxes = await self.taxes.terms(consignment, relief, rates)
        return quote(wanted, Terms(shipping=shipping, taxes=taxes), relief)

    async def options(
        self, basket: Basket | None, destination: Destination, rates: Rates, at: datetime
    ) -> list[ShippingOption]:
        """What can be bought of it could be sent so, for as much; where its coupon holds it counts."""
        wanted: Sequence[tuple[Offer, int]] = []
        is_free = False
        if basket is not None:
            purchase = basket.purchase(at)
            wanted = purchase.wanted
            holds = basket.coupon is not None and not basket.coupon.refusal(purchase)
            is_free = basket.coupon is not None and holds and basket.coupon.relief(purchase).free_shipping
        found = await self.carriers.options(Consignment(wanted, destination, self.currency), rates)
        return [option.free() if is_free else option for option in found]
