"""Money as callers write it: a decimal string, or a JSON number that never becomes a float."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw

from domain.errors import InvalidField
from domain.money import InvalidMoney, Money

STRING = {"type": "string", "pattern": r"^\d{1,12}(\.\d{1,3})?$"}
NUMBER = {"type": "number", "minimum": 0}

# The JSON as it was written. "29.99", "5", 5 and 29.99 are amounts.
Amount = Annotated[Raw, Meta(extra_json_schema={"oneOf": [STRING, NUMBER]})]
AmountOrNull = Annotated[Raw, Meta(extra_json_schema={"oneOf": [STRING, NUMBER, {"type": "null"}]})]


def read_amount(amount: Raw, currency: str, pointer: str) -> Money:
    """Raises InvalidField for what is no amount of that currency."""
    money = read_optional_amount(amount, currency, pointer)
    if money is None:
        raise InvalidField(pointer, "invalid-type", "must be an amount")
    return money


def read_optional_amount(amount: Raw, currency: str, pointer: str) -> Money | None:
    """None for null. Raises InvalidField for what is no amount of that currency."""
    written = bytes(amount).strip()
    if written == b"null":
        return None
    if written[:1] in {b"[", b"{", b"t", b"f"}:
        raise InvalidField(pointer, "invalid-type", "must be an amount")
    try:
        text = msgspec.json.decode(written, type=str) if written[:1] == b'"' else written.decode()
        return Money.parse(text, currency)
    except (InvalidMoney, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidField(
            pointer, "invalid-money", f"must be an amount of {currency} such as {Money(4900, currency)}"
        ) from error
