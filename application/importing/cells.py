"""Single cells of an export: prices, quantities, flags and addresses, or why they are none."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from application.importing.rows import Row
from domain.money import InvalidMoney, Money, digits

TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})
MOST_PIECES = 1_000_000_000
# A node of Shopify's taxonomy named by its id, not by its words.
TAXONOMY_ID = re.compile(r"gid://.*|\d+|[a-z]{2}(-\d+)+", re.IGNORECASE)
NO_CATEGORY = "uncategorized"


@dataclass
class BadRow(Exception):
    """Why a row, and with it its product, cannot be taken over. Only the parser sees it."""

    row: int
    code: str
    message: str


def price(row: Row, column: str, currency: str) -> Money | None:
    """None for an empty cell. Raises BadRow."""
    text = row[column]
    if not text:
        return None
    try:
        return Money.parse(text, currency)
    except InvalidMoney as error:
        told = f"{column} {text[:40]!r} is no amount such as {Money(4900 if digits(currency) else 49, currency)}"
        raise BadRow(row.number, "invalid-price", f"{told} in {currency}") from error


def quantity(row: Row) -> int | None:
    """Pieces on hand; None where Shopify does not track them.

    An empty tracker means "not tracked", but exports exist that leave it empty and give a quantity: those are tracked.
    A tracker without a quantity (shops with several locations export none) counts as nothing on hand.
    """
    text = row["quantity"]
    if not text:
        return 0 if row["tracker"] else None
    if not re.fullmatch(r"-?\d{1,12}(\.0+)?", text, re.ASCII) or int(text.partition(".")[0]) > MOST_PIECES:
        raise BadRow(row.number, "invalid-quantity", f"quantity {text[:40]!r} is no number of pieces")
    return int(text.partition(".")[0])


def continues(row: Row) -> bool:
    """Whether it is sold on when none is left."""
    text = row["policy"].casefold()
    if text in {"continue", *TRUE}:
        return True
    if text in {"", "deny", *FALSE}:
        return False
    raise BadRow(row.number, "invalid-policy", f"inventory policy {text[:40]!r} is neither deny nor continue")


def flag(row: Row, column: str, default: bool) -> bool:
    text = row[column].casefold()
    if not text:
        return default
    if text not in TRUE | FALSE:
        raise BadRow(row.number, "invalid-flag", f"{column} {text[:40]!r} is neither true nor false")
    return text in TRUE


def address(row: Row, column: str) -> str:
    """A picture's absolute web address. Raises BadRow."""
    text = row[column]
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or len(text) > 2_000 or not text.isprintable():
        raise BadRow(row.number, "invalid-image", f"{column} {text[:60]!r} is no web address")
    return text


def position(row: Row) -> int | None:
    text = row["image_position"]
    if text and not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise BadRow(row.number, "invalid-image-position", f"image position {text[:40]!r} is no number")
    return int(text) if text else None


def words(row: Row, column: str, longest: int) -> str:
    """The cell as it is. Raises BadRow for one that is too long to keep."""
    text = row[column]
    if len(text) > longest:
        raise BadRow(row.number, "too-long", f"{column} has {len(text)} characters, at most {longest} are kept")
    return text


def category(row: Row) -> tuple[str, ...]:
    """The names of at most two levels, the upper first: the end of the taxonomy's path, else the shop's own type."""
    for text in (row["category"], row["type"]):
        names = tuple(" ".join(name.split())[:100] for name in text.split(">") if name.strip())
        if names and not TAXONOMY_ID.fullmatch(text) and names[-1].casefold() != NO_CATEGORY:
            return names[-2:]
    return ()


def tags(row: Row) -> tuple[str, ...]:
    """In their order, each once."""
    return tuple(dict.fromkeys(tag.strip()[:100] for tag in row["tags"].split(",") if tag.strip()))
