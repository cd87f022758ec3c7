"""The rate book: all rates of the shop as one thing, so that an order is charged by one state of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol
from uuid import UUID

from domain.aggregate import Aggregate, Event, differing
from domain.errors import Conflict, InvalidField, NotFound
from domain.rates.shipping import ShippingZone
from domain.rates.taxes import BUILT_IN, TaxClass, TaxZone
from domain.rates.zones import Z, ZoneId, ZoneNotFound, ZoneOverlap

RateBookId = NewType("RateBookId", UUID)

BOOK = RateBookId(UUID("00000000-0000-7000-8000-000000000001"))  # there is one
MAX_ZONES, MAX_CLASSES = 300, 100


class TaxClassNotFound(NotFound):
    code = "tax-class-not-found"


class TaxClassTaken(Conflict):
    code = "tax-class-taken"


class TaxClassInUse(Conflict):
    """A zone has a rate for it, products are of it, or it is one that every shop has."""

    code = "tax-class-in-use"


class TooManyZones(Conflict):
    """More zones, or classes, than a shop can have."""

    code = "too-many-zones"


class RateChange(StrEnum):
    """What happened to a zone or a class."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatesChanged(Event):
    """`kind` is shipping-zone, tax-zone or tax-class, `key` the zone's id or the class's code."""

    kind: str
    key: str
    name: str
    change: RateChange
    before: Mapping[str, Any] = field(default_factory=dict, compare=False)
    after: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What the book says at one moment."""

    shipping_zones: tuple[ShippingZone, ...] = ()
    tax_zones: tuple[TaxZone, ...] = ()
    tax_classes: tuple[TaxClass, ...] = ()  # beside the built-in ones

    @property
    def classes(self) -> tuple[TaxClass, ...]:
        return BUILT_IN + self.tax_classes

    def shipping_zone(self, id: ZoneId) -> ShippingZone:
        """Raises ZoneNotFound."""
        return _found(self.shipping_zones, id)

    def tax_zone(self, id: ZoneId) -> TaxZone:
        """Raises ZoneNotFound."""
        return _found(self.tax_zones, id)

    def tax_class(self, code: str) -> TaxClass:
        """Raises TaxClassNotFound."""
        for each in self.classes:
            if each.code == code:
                return each
        raise TaxClassNotFound


NO_RATES = Rates()


Entry = ShippingZone | TaxZone | TaxClass


@dataclass(slots=True, eq=False, kw_only=True)
class RateBook(Aggregate):
    """Its version changes with every change of the rates: who holds rates knows by it whether they are the latest."""

    id: RateBookId = BOOK
    rates: Rates = NO_RATES

    def put_shipping_zone(self, zone: ShippingZone, at: datetime) -> None:
        """Add it, or let it take the place of the one with its id. Raises InvalidField, ZoneOverlap, TooManyZones."""
        zone.check()
        zones, before = _with(self.rates.shipping_zones, zone)
        self._become(replace(self.rates, shipping_zones=zones), "shipping-zone", before, zone, at)

    def remove_shipping_zone(self, id: ZoneId, at: datetime) -> None:
        """Raises ZoneNotFound."""
        gone = self.rates.shipping_zone(id)
        left = tuple(zone for zone in self.rates.shipping_zones if zone is not gone)
        self._become(replace(self.rates, shipping_zones=left), "shipping-zone", gone, None, at)

    def put_tax_zone(self, zone: TaxZone, at: datetime) -> None:
        """Add it, or let it take the place of the one with its id. Raises InvalidField, ZoneOverlap, TooManyZones."""
        zone.check()
        known = {each.code for each in self.rates.classes}
        if strange := sorted(zone.rates.keys() - known):
            raise InvalidField(f"/rates/{strange[0]}", "invalid-choice", "there is no such tax class")
        zones, before = _with(self.rates.tax_zones, zone)
        self._become(replace(self.rates, tax_zones=zones), "tax-zone", before, zone, at)

    def remove_tax_zone(self, id: ZoneId, at: datetime) -> None:
        """Raises ZoneNotFound."""
        gone = self.rates.tax_zone(id)
        left = tuple(zone for zone in self.rates.tax_zones if zone is not gone)
        self._become(replace(self.rates, tax_zones=left), "tax-zone", gone, None, at)

    def add_tax_class(self, new: TaxClass, at: datetime) -> None:
        """Raises InvalidField, TaxClassTaken or TooManyZones."""
        new.check()
        if any(each.code == new.code for each in self.rates.classes):
            raise TaxClassTaken
        if len(self.rates.tax_classes) >= MAX_CLASSES:
            raise TooManyZones
        classes = (*self.rates.tax_classes, new)
        self._become(replace(self.rates, tax_classes=classes), "tax-class", None, new, at)

    def remove_tax_class(self, code: str, at: datetime) -> None:
        """The caller has made sure that no product is of it. Raises TaxClassNotFound or TaxClassInUse."""
        gone = self.rates.tax_class(code)
        if gone in BUILT_IN or any(code in zone.rates for zone in self.rates.tax_zones):
            raise TaxClassInUse
        left = tuple(each for each in self.rates.tax_classes if each is not gone)
        self._become(replace(self.rates, tax_classes=left), "tax-class", gone, None, at)

    def _become(self, rates: Rates, kind: str, before: Entry | None, after: Entry | None, at: datetime) -> None:
        entry = after or before
        if entry is None or before == after:
            return
        self.rates = rates
        change = RateChange.REMOVED if after is None else RateChange.CHANGED if before else RateChange.CREATED
        former, latter = _told(before, after)
        told = RatesChanged(
            kind=kind, key=_key(entry), name=entry.name, change=change, before=former, after=latter, at=at
        )
        self.record(told)


class RateBooks(Protocol):
    """Repository of the one rate book."""

    async def take(self) -> RateBook:
        """Locked."""
        ...

    async def save(self, book: RateBook) -> None: ...


def _key(entry: Entry) -> str:
    return entry.code if isinstance(entry, TaxClass) else str(entry.id)


def _told(before: Entry | None, after: Entry | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields before and after; of a change, those that differ."""
    former, latter = _fields(before), _fields(after)
    if before is None or after is None:
        return former, latter
    changed = [name for name in latter if former[name] != latter[name]]
    told = differing({name: former[name] for name in changed}, {name: latter[name] for name in changed})
    return told["before"], told["after"]


def _fields(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {}
    return {each.name: getattr(entry, each.name) for each in fields(entry) if each.name not in {"id", "code"}}


def _found(zones: tuple[Z, ...], id: ZoneId) -> Z:
    for zone in zones:
        if zone.id == id:
            return zone
    raise ZoneNotFound


def _with(zones: tuple[Z, ...], zone: Z) -> tuple[tuple[Z, ...], Z | None]:
    """The zones with that one at its place, or at the end, and what stood there."""
    before = next((each for each in zones if each.id == zone.id), None)
    others = [each for each in zones if each is not before]
    for other in others:
        if other.keys & zone.keys:
            raise ZoneOverlap(other)
    if before is not None:
        return tuple(zone if each is before else each for each in zones), before
    if len(zones) >= MAX_ZONES:
        raise TooManyZones
    return (*zones, zone), None
