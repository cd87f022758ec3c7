"""Taxes: classes of goods, and what each is taxed with in a zone, on top of the prices or within them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from domain import catalog
from domain.errors import InvalidField
from domain.rates.zones import Zone

STANDARD = catalog.STANDARD
EXEMPT = "exempt"  # never taxed, whatever the zone says
Wanted = Sequence[tuple[catalog.Offer, int]]
CODE = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class TaxClass:
    """What kind of goods a product is to the tax office. It is known by its code."""

    code: str
    name: str

    def check(self) -> None:
        """Raises InvalidField."""
        if not CODE.fullmatch(self.code):
            raise InvalidField("/code", "invalid-format", "must be lower-case letters and digits")


BUILT_IN = (TaxClass(STANDARD, "Standard"), TaxClass(EXEMPT, "Exempt"))


@dataclass(frozen=True, slots=True)
class TaxTerms:
    """By how many per cent each line is taxed, and whether its price has the tax in it already."""

    rates: tuple[Decimal, ...]
    included: bool = False

    @classmethod
    def none(cls, wanted: Wanted) -> Self:
        """Nothing is taxed."""
        return cls((Decimal(0),) * len(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxZone(Zone):
    """Per cent by tax class. A class that is not named is taxed as the standard one."""

    rates: Mapping[str, Decimal]
    includes_tax: bool = False

    def rate(self, tax_class: str) -> Decimal:
        return Decimal(0) if tax_class == EXEMPT else self.rates.get(tax_class, self.rates[STANDARD])

    def terms(self, wanted: Wanted) -> TaxTerms:
        return TaxTerms(tuple(self.rate(offer.tax_class) for offer, _ in wanted), self.includes_tax)

    def check(self) -> None:
        Zone.check(self)
        if STANDARD not in self.rates:
            raise InvalidField(f"/rates/{STANDARD}", "required", "is what every class without a rate is taxed with")
        for code, rate in self.rates.items():
            if code == EXEMPT:
                raise InvalidField(f"/rates/{code}", "invalid-choice", "is never taxed")
            if not 0 <= rate <= 100:
                raise InvalidField(f"/rates/{code}", "out-of-range", "must be at most 100 per cent")


def spelt(rate: Decimal) -> str:
    """Per cent without zeros at the end."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
