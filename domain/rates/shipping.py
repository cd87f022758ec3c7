"""Shipping: the ways in which a zone's orders are sent, and what each costs by weight and by subtotal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from domain.catalog import Offer
from domain.errors import Invalid, InvalidField
from domain.money import Money, highest, total
from domain.rates.zones import Destination, Zone

MAX_METHODS, MAX_RATES, MAX_DAYS = 20, 100, 365
GRAMS = 1_000  # in a kilogram
CODE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)


class NoShippingMethod(Invalid):
    """Nothing that the shop has brings this order to this address."""

    code = "no-shipping-method"


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is to be sent where."""

    wanted: Sequence[tuple[Offer, int]]
    destination: Destination
    currency: str

    @property
    def subtotal(self) -> Money:
        return total((offer.price * quantity for offer, quantity in self.wanted), self.currency)

    @property
    def weight(self) -> int:
        """In grams."""
        return sum(offer.weight * quantity for offer, quantity in self.wanted)


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A way that is open, and what it costs now."""

    code: str
    name: str
    price: Money
    estimated_days: int

    def free(self) -> Self:
        return replace(self, price=Money.zero(self.price.currency))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingRate:
    """A price within bounds, which are inclusive; `per_kg` comes on top for every kilogram that is begun."""

    price: Money
    per_kg: Money | None = None
    min_weight: int | None = None  # grams
    max_weight: int | None = None
    min_subtotal: Money | None = None
    max_subtotal: Money | None = None

    def covers(self, weight: int, subtotal: Money) -> bool:
        return (
            (self.min_weight is None or self.min_weight <= weight)
            and (self.max_weight is None or weight <= self.max_weight)
            and (self.min_subtotal is None or self.min_subtotal <= subtotal)
            and (self.max_subtotal is None or subtotal <= self.max_subtotal)
        )

    def of(self, weight: int) -> Money:
        return self.price if self.per_kg is None else self.price + self.per_kg * -(-weight // GRAMS)

    def check(self, pointer: str) -> None:
        """Raises InvalidField below the pointer."""
        if self.min_weight is not None and self.max_weight is not None and self.max_weight < self.min_weight:
            raise InvalidField(f"{pointer}/max_weight", "out-of-range", "must not be below min_weight")
        if self.min_subtotal is not None and self.max_subtotal is not None and self.max_subtotal < self.min_subtotal:
            raise InvalidField(f"{pointer}/max_subtotal", "out-of-range", "must not be below min_subtotal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingMethod:
    """Of its rates the first that covers the order counts; where none does, the method is not open to it."""

    code: str
    name: str
    estimated_days: int
    rates: tuple[ShippingRate, ...]
    free_from: Money | None = None  # a subtotal

    def option(self, consignment: Consignment) -> ShippingOption | None:
        weight, subtotal = consignment.weight, consignment.subtotal
        rate = next((rate for rate in self.rates if rate.covers(weight, subtotal)), None)
        if rate is None:
            return None
        is_free = self.free_from is not None and subtotal >= self.free_from
        price = Money.zero(consignment.currency) if is_free else rate.of(weight)
        if price > highest(consignment.currency):
            return None  # more than anything may cost
        return ShippingOption(self.code, self.name, price, self.estimated_days)

    def check(self, pointer: str) -> None:
        """Raises InvalidField below the pointer."""
        if not CODE.fullmatch(self.code):
            raise InvalidField(f"{pointer}/code", "invalid-format", "must be lower-case letters and digits")
        if not self.rates:
            raise InvalidField(f"{pointer}/rates", "required", "must have a rate")
        for n, rate in enumerate(self.rates):
            rate.check(f"{pointer}/rates/{n}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippingZone(Zone):
    """Where the methods are open, in the order in which they are offered. With none, nothing is sent there."""

    methods: tuple[ShippingMethod, ...]

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        return [option for method in self.methods if (option := method.option(consignment))]

    def check(self) -> None:
        Zone.check(self)
        codes = [method.code for method in self.methods]
        for n, method in enumerate(self.methods):
            method.check(f"/methods/{n}")
            if method.code in codes[:n]:
                raise InvalidField(f"/methods/{n}/code", "duplicate", "another method has this code")


def chosen(options: Sequence[ShippingOption], code: str | None) -> ShippingOption:
    """The one with that code; without one, the first. Raises NoShippingMethod, or InvalidField for one not offered."""
    if not options:
        raise NoShippingMethod
    for option in options:
        if code is None or option.code == code:
            return option
    offered = ", ".join(option.code for option in options)
    raise InvalidField("/shipping_method", "invalid-choice", f"must be one of {offered}")
