"""Addresses: where goods and invoices go."""

import re
from dataclasses import dataclass
from typing import ClassVar

from domain.countries import COUNTRIES
from domain.errors import InvalidField

CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where goods or invoices go. `country` is ISO 3166 alpha-2."""

    full_name: str
    address_line1: str
    city: str
    postal_code: str
    country: str
    address_line2: str = ""
    state: str = ""
    phone_number: str = ""

    LIMITS: ClassVar[dict[str, int]] = {"full_name": 200, "address_line1": 200, "city": 100, "postal_code": 20}

    def check(self, pointer: str) -> None:
        """Raise InvalidField below `pointer` for what is empty, does not fit on a line, or is no country."""
        for name in self.__slots__:
            if CONTROL.search(getattr(self, name)):
                raise InvalidField(f"{pointer}/{name}", "invalid-text", "must be one line of text")
        for name in self.LIMITS:
            if not getattr(self, name).strip():
                raise InvalidField(f"{pointer}/{name}", "required", "must not be empty")
        if self.country not in COUNTRIES:
            raise InvalidField(f"{pointer}/country", "invalid-country", "must be an ISO 3166 alpha-2 code")
