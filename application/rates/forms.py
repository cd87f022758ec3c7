"""What staff write of zones and tax classes, and what it means for the rate book."""

import re
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType, field

from application.money import Amount, AmountOrNull, read_amount, read_optional_amount
from domain.errors import InvalidField
from domain.money import Money
from domain.rates import Area, ShippingMethod, ShippingRate

PERCENT = re.compile(r"(\d{1,3})(\.\d{1,4})?", re.ASCII)

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Code = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$(?!\n)")]
Percent = Annotated[str, Meta(max_length=8, description='Per cent such as "19" or "8.875".')]
Grams = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Days = Annotated[int, Meta(ge=0, le=365)]


class AreaForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A country (ISO 3166 alpha-2); or of it one region, or the postal codes that begin so."""

    country: Annotated[str, Meta(min_length=2, max_length=2)]
    region: Annotated[str, Meta(max_length=100)] = ""
    postal_prefix: Annotated[str, Meta(max_length=20)] = ""

    def area(self) -> Area:
        return Area(country=self.country, region=self.region, postal_prefix=self.postal_prefix)


class RateForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A price. The bounds are inclusive, weights in grams; `per_kg` is added for each kilogram that is begun."""

    price: Amount
    per_kg: AmountOrNull = field(default_factory=lambda: Raw(b"null"))
    min_weight: Grams | None = None
    max_weight: Grams | None = None
    min_subtotal: AmountOrNull = field(default_factory=lambda: Raw(b"null"))
    max_subtotal: AmountOrNull = field(default_factory=lambda: Raw(b"null"))

    def rate(self, currency: str, pointer: str) -> ShippingRate:
        """Raises InvalidField."""

        def optional(name: str) -> Money | None:
            return read_optional_amount(getattr(self, name), currency, f"{pointer}/{name}")

        return ShippingRate(
            price=read_amount(self.price, currency, f"{pointer}/price"),
            per_kg=optional("per_kg"),
            min_weight=self.min_weight,
            max_weight=self.max_weight,
            min_subtotal=optional("min_subtotal"),
            max_subtotal=optional("max_subtotal"),
        )


class MethodForm(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Of its rates the first that covers the order counts. From `free_from` on it costs nothing."""

    code: Code
    name: Name
    estimated_days: Days
    rates: Annotated[list[RateForm], Meta(min_length=1, max_length=100)]
    free_from: AmountOrNull = field(default_factory=lambda: Raw(b"null"))

    def method(self, currency: str, pointer: str) -> ShippingMethod:
        """Raises InvalidField."""
        return ShippingMethod(
            code=self.code,
            name=self.name,
            estimated_days=self.estimated_days,
            rates=tuple(rate.rate(currency, f"{pointer}/rates/{n}") for n, rate in enumerate(self.rates)),
            free_from=read_optional_amount(self.free_from, currency, f"{pointer}/free_from"),
        )


Areas = Annotated[list[AreaForm], Meta(max_length=1_000)]
Methods = Annotated[list[MethodForm], Meta(max_length=20)]
PercentByClass = Annotated[dict[Code, Percent], Meta(max_length=102)]


class ZoneChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is not named stays as it is. A zone without areas is the rest of the world."""

    name: Name | UnsetType = UNSET
    areas: Areas | UnsetType = UNSET

    def named(self) -> dict[str, Any]:
        named: dict[str, Any] = {} if self.name is UNSET else {"name": self.name}
        if self.areas is not UNSET:
            named["areas"] = tuple(form.area() for form in self.areas)
        return named


class ShippingZoneChanges(ZoneChanges, forbid_unknown_fields=True, kw_only=True):
    methods: Methods | UnsetType = UNSET

    def fields(self, currency: str) -> dict[str, Any]:
        """The zone's fields that are named. Raises InvalidField."""
        named = self.named()
        if self.methods is not UNSET:
            named["methods"] = tuple(form.method(currency, f"/methods/{n}") for n, form in enumerate(self.methods))
        return named


class NewShippingZone(ShippingZoneChanges, forbid_unknown_fields=True, kw_only=True):
    """Methods are offered in this order; an order that names none gets the first. Without any, nothing goes there."""

    name: Name
    areas: Areas
    methods: Methods


class TaxZoneChanges(ZoneChanges, forbid_unknown_fields=True, kw_only=True):
    rates: PercentByClass | UnsetType = UNSET
    includes_tax: bool | UnsetType = UNSET

    def fields(self) -> dict[str, Any]:
        """The zone's fields that are named. Raises InvalidField."""
        named = self.named()
        if self.rates is not UNSET:
            named["rates"] = {code: percent(text, f"/rates/{code}") for code, text in self.rates.items()}
        if self.includes_tax is not UNSET:
            named["includes_tax"] = self.includes_tax
        return named


class NewTaxZone(TaxZoneChanges, forbid_unknown_fields=True, kw_only=True):
    """`rates` are per cent by tax class; `standard` is required, and holds for every class that is not named.

    With `includes_tax` the prices have the tax in them where the zone holds, and nothing is added.
    """

    name: Name
    areas: Areas
    rates: PercentByClass


class NewTaxClass(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    code: Code
    name: Name


def percent(text: str, pointer: str) -> Decimal:
    """Raises InvalidField."""
    if PERCENT.fullmatch(text) is None:
        raise InvalidField(pointer, "invalid-format", 'must be a percentage such as "19" or "8.875"')
    return Decimal(text)
