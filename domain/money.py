"""Money: integer minor units of one currency, and the arithmetic that loses no cent."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Self

from domain.errors import DomainError, Invalid

# ISO 4217: how many digits stand behind the point, where it is not two.
DIGITS = dict.fromkeys("BIF CLP DJF GNF JPY KMF KRW PYG RWF UYI VND VUV XAF XOF XPF".split(), 0) | dict.fromkeys(
    "BHD IQD JOD KWD LYD OMR TND".split(), 3
)
LIMIT_UNITS = 99_999_999  # the largest amount that input may name, in whole units
WRITTEN = re.compile(r"(\d{1,12})(?:\.(\d{1,3}))?", re.ASCII)
CODE = re.compile(r"[A-Z]{3}")


class InvalidMoney(Invalid):
    """The text is no amount of that currency."""

    code = "invalid-money"


class CurrencyMismatch(DomainError):
    """Two currencies met in one sum: an error of ours, not of the caller."""

    code = "currency-mismatch"


def digits(currency: str) -> int:
    """How many digits the currency has behind the point (ISO 4217)."""
    return DIGITS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in a currency's minor units (cents, yen, fils). Never a float; currencies do not mix."""

    amount: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a decimal such as "29.99" or "5". Raises InvalidMoney for signs, exponents, or too many digits."""
        match = WRITTEN.fullmatch(text) if text.isascii() else None
        places = digits(currency)
        if match is None or len(match[2] or "") > places:
            raise InvalidMoney
        amount = int(match[1]) * 10**places + int((match[2] or "").ljust(places, "0") or "0")
        money = cls(amount, currency)
        if money > highest(currency):
            raise InvalidMoney
        return money

    def __str__(self) -> str:
        """The decimal with exactly the currency's digits: "29.99", JPY "500"."""
        return written(self.amount, self.currency)

    def __add__(self, other: Self) -> Self:
        return type(self)(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(self.amount - self._same(other).amount, self.currency)

    def __mul__(self, quantity: int) -> Self:
        return type(self)(self.amount * quantity, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def percent(self, rate: Decimal) -> Self:
        """That many per cent of the amount, rounded half up (away from zero)."""
        numerator, denominator = rate.as_integer_ratio()
        part = (2 * abs(self.amount) * numerator + 100 * denominator) // (200 * denominator)
        return type(self)(part if self.amount >= 0 else -part, self.currency)

    def contained(self, rate: Decimal) -> Self:
        """What of the amount is a tax of that many per cent that was added to the rest, rounded half up."""
        numerator, denominator = rate.as_integer_ratio()
        whole = numerator + 100 * denominator
        part = (2 * abs(self.amount) * numerator + whole) // (2 * whole)
        return type(self)(part if self.amount >= 0 else -part, self.currency)

    def split(self, weights: Sequence[int]) -> list[Self]:
        """Shares in proportion to the weights that add up to the whole (largest remainder, ties to the earlier)."""
        total = sum(weights)
        if not total:
            raise ValueError("nothing to split by: the weights sum to zero")
        shares = [divmod(abs(self.amount) * weight, total) for weight in weights]
        left = abs(self.amount) - sum(share for share, _ in shares)
        richest = sorted(range(len(weights)), key=lambda n: -shares[n][1])[:left]
        sign = 1 if self.amount >= 0 else -1
        return [type(self)(sign * (share + (n in richest)), self.currency) for n, (share, _) in enumerate(shares)]

    def share(self, done: int, now: int, quantity: int) -> Self:
        """What `now` more of `quantity` units are worth after `done` were settled; cumulative: all sum to it."""
        return type(self)(self.amount * (done + now) // quantity - self.amount * done // quantity, self.currency)

    def _same(self, other: Self) -> Self:
        if other.currency != self.currency:
            raise CurrencyMismatch
        return other


def highest(currency: str) -> Money:
    """The largest amount that anything may cost."""
    return Money(LIMIT_UNITS * 10 ** digits(currency), currency)


@lru_cache(4096)
def written(amount: int, currency: str) -> str:
    """Minor units as a decimal with exactly the currency's digits. A shop's prices are few, and lists write forty."""
    places = DIGITS.get(currency, 2)
    if not places:
        return str(amount)
    text = f"{abs(amount):0{places + 1}}"
    return f"{'-' if amount < 0 else ''}{text[:-places]}.{text[-places:]}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of the currency for none."""
    return sum(amounts, Money.zero(currency))
