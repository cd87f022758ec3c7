"""Zones, tax classes and shipping options as they are looked at."""

from uuid import UUID

import msgspec

from domain.rates import Area, ShippingMethod, ShippingOption, ShippingRate, ShippingZone, TaxClass, TaxZone, spelt


class AreaView(msgspec.Struct, frozen=True):
    country: str
    region: str
    postal_prefix: str


class RateView(msgspec.Struct, frozen=True):
    price: str
    per_kg: str | None
    min_weight: int | None
    max_weight: int | None
    min_subtotal: str | None
    max_subtotal: str | None


class MethodView(msgspec.Struct, frozen=True):
    code: str
    name: str
    estimated_days: int
    rates: list[RateView]
    free_from: str | None


class ShippingZoneView(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    areas: list[AreaView]
    methods: list[MethodView]
    currency: str


class TaxZoneView(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    areas: list[AreaView]
    rates: dict[str, str]
    includes_tax: bool


class TaxClassView(msgspec.Struct, frozen=True):
    code: str
    name: str


class ShippingOptionView(msgspec.Struct, frozen=True):
    """A way in which the cart could be sent there, and what that would cost now."""

    code: str
    name: str
    price: str
    currency: str
    estimated_days: int


class ShippingOptionsView(msgspec.Struct, frozen=True):
    """In the order in which they are offered; empty where nothing goes there."""

    results: list[ShippingOptionView]


def shipping_zone_view(zone: ShippingZone, currency: str) -> ShippingZoneView:
    methods = [_method_view(method) for method in zone.methods]
    return ShippingZoneView(zone.id, zone.name, _areas(zone.areas), methods, currency)


def tax_zone_view(zone: TaxZone) -> TaxZoneView:
    rates = {code: spelt(rate) for code, rate in zone.rates.items()}
    return TaxZoneView(zone.id, zone.name, _areas(zone.areas), rates, zone.includes_tax)


def tax_class_view(one: TaxClass) -> TaxClassView:
    return TaxClassView(one.code, one.name)


def shipping_option_view(option: ShippingOption) -> ShippingOptionView:
    price = option.price
    return ShippingOptionView(option.code, option.name, str(price), price.currency, option.estimated_days)


def _areas(areas: tuple[Area, ...]) -> list[AreaView]:
    return [AreaView(area.country, area.region, area.postal_prefix) for area in areas]


def _method_view(method: ShippingMethod) -> MethodView:
    rates = [_rate_view(rate) for rate in method.rates]
    free_from = None if method.free_from is None else str(method.free_from)
    return MethodView(method.code, method.name, method.estimated_days, rates, free_from)


def _rate_view(rate: ShippingRate) -> RateView:
    per_kg, lowest, highest = (
        None if money is None else str(money) for money in (rate.per_kg, rate.min_subtotal, rate.max_subtotal)
    )
    return RateView(str(rate.price), per_kg, rate.min_weight, rate.max_weight, lowest, highest)
