"""Zones: parts of the world that the shop treats alike. Of several that an address lies in, the closest one counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NewType, Self, TypeVar
from uuid import UUID

from domain.accounts import Address
from domain.countries import COUNTRIES
from domain.errors import Conflict, InvalidField, NotFound

ZoneId = NewType("ZoneId", UUID)

MAX_AREAS = 1_000
# How closely something lies around an address; each letter of a postal prefix makes it closer.
OUTSIDE, WORLD, COUNTRY, REGION = range(4)


class ZoneNotFound(NotFound):
    code = "zone-not-found"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where goods go, as far as it matters for what that costs."""

    country: str
    region: str = ""
    postal_code: str = ""

    @classmethod
    def of(cls, address: Address) -> Self:
        return cls(address.country, address.state, address.postal_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A country, or a region of it, or its postal codes that begin so. How they are spelt does not matter."""

    country: str
    region: str = ""
    postal_prefix: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """The same for all spellings."""
        return self.country, _region(self.country, self.region), _postal(self.postal_prefix)

    def closeness(self, destination: Destination) -> int:
        """OUTSIDE where it does not lie in it."""
        country, region, prefix = self.key
        if country != destination.country:
            return OUTSIDE
        if prefix:
            return REGION + len(prefix) if _postal(destination.postal_code).startswith(prefix) else OUTSIDE
        if region:
            return REGION if _region(country, destination.region) == region else OUTSIDE
        return COUNTRY

    def check(self, pointer: str) -> None:
        """Raises InvalidField below the pointer."""
        if self.country not in COUNTRIES:
            raise InvalidField(f"{pointer}/country", "invalid-country", "must be an ISO 3166 alpha-2 code")
        _, region, prefix = self.key
        if region and prefix:
            raise InvalidField(f"{pointer}/postal_prefix", "not-both", "must not stand beside region")
        for name, given, told in (("region", self.region, region), ("postal_prefix", self.postal_prefix, prefix)):
            if given and not told:
                raise InvalidField(f"{pointer}/{name}", "invalid-format", "must have a letter or a digit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Some areas; without any, the rest of the world."""

    id: ZoneId
    name: str
    areas: tuple[Area, ...]

    @property
    def keys(self) -> set[tuple[str, str, str] | None]:
        """What no other zone of the kind can have, too; None is the rest of the world."""
        return {area.key for area in self.areas} or {None}

    def closeness(self, destination: Destination) -> int:
        return max((area.closeness(destination) for area in self.areas), default=WORLD)

    def check(self) -> None:
        """Raises InvalidField for what makes no sense."""
        if len(self.areas) > MAX_AREAS:
            raise InvalidField("/areas", "too-many", f"at most {MAX_AREAS}")
        for n, area in enumerate(self.areas):
            area.check(f"/areas/{n}")
        if len(self.keys) < len(self.areas):
            raise InvalidField("/areas", "duplicate", "an area is there twice")


@dataclass(unsafe_hash=True)
class ZoneOverlap(Conflict):
    """Another zone of the kind has one of these areas already."""

    zone: Zone
    code = "zone-overlap"

    @property
    def facts(self) -> dict[str, Any]:
        return {"zone": str(self.zone.id), "name": self.zone.name}


Z = TypeVar("Z", bound=Zone)


def closest(zones: Iterable[Z], destination: Destination) -> Z | None:
    """By postal code before region before country before the rest of the world; None where none has it."""
    ranked = [(zone.closeness(destination), zone) for zone in zones]
    closeness, zone = max(ranked, key=lambda each: each[0], default=(OUTSIDE, None))
    return zone if closeness else None


def _region(country: str, text: str) -> str:
    """ "CA" and "US-CA" are one region."""
    return " ".join(text.casefold().split()).removeprefix(f"{country.casefold()}-")


def _postal(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())
