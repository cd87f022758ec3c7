"""Single cells of an export: prices, quantities, flags and addresses, or why they are none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import msgspec

from application.importing.rows import Row
from domain.money import InvalidMoney, Money, digits

TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})
MOST_PIECES = 1_000_000_000
# A node of Shopify's taxonomy named by its id, not by its words.
TAXONOMY_ID = re.compile(r"gid://.*|\d+|[a-z]{2}(-\d+)+", re.IGNORECASE)
NO_CATEGORY = "uncategorized"
GROUPED = {  # by whether the decimal sign is a comma
    False: re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII),
    True: re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII),
}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
ATTRIBUTES = msgspec.json.Decoder(dict[str, str])
TAGS = msgspec.json.Decoder(tuple[str, ...])


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
        return Money.parse(_decimal(text, row.comma, digits(currency)), currency)
    except InvalidMoney as error:
        told = f"{column} {text[:40]!r} is no amount such as {Money(4900 if digits(currency) else 49, currency)}"
        raise BadRow(row.number, "invalid-price", f"{told} in {currency}") from error


def _decimal(text: str, comma: bool, places: int) -> str:
    """Without what parts thousands, and without zeros beyond the currency's digits.

    A lone "1,299" is thousands only where it cannot be a fraction.
    """
    text = BETWEEN_DIGITS.sub("", text)
    group, point = (".", ",") if comma else (",", ".")
    if GROUPED[comma].fullmatch(text) and (point in text or text.count(group) > 1 or places < 3):
        text = text.replace(group, "")
    whole, dot, fraction = (text.replace(",", ".") if comma else text).partition(".")
    kept = fraction[:places] if not fraction[places:].strip("0") else fraction
    return f"{whole}.{kept}" if kept or (dot and not fraction) else whole


def quantity(row: Row) -> int | None:
    """Pieces on hand; None where Shopify does not track them.

    An empty tracker means "not tracked", but exports exist that leave it empty and give a quantity: those are tracked.
    A tracker without a quantity (shops with several locations export none) counts as nothing on hand.
    """
    text = _decimal(row["quantity"], row.comma, 0)
    if not text:
        return 0 if row["tracker"] else None
    if not re.fullmatch(r"-?\d{1,12}(\.0+)?", text, re.ASCII) or int(text.partition(".")[0]) > MOST_PIECES:
        raise BadRow(row.number, "invalid-quantity", f"quantity {text[:40]!r} is no number of pieces")
    return int(text.partition(".")[0])


def grams(row: Row) -> int:
    """What a piece weighs, a part of a gram as a whole one. Raises BadRow."""
    text = _decimal(row["grams"], row.comma, 0)
    if not re.fullmatch(r"(\d{1,9}(\.\d{1,12})?)?", text, re.ASCII):
        raise BadRow(row.number, "invalid-weight", f"weight {text[:40]!r} is no number of grams")
    whole, _, part = text.partition(".")
    return int(whole or 0) + bool(part.strip("0"))


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
    text = f"https:{text}" if text.startswith("//") else text
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


def shelf(row: Row) -> tuple[tuple[str, str], ...]:
    """Our own way of telling where it belongs: name and slug of each level, from the top. Raises BadRow."""
    levels = []
    for level in row["own_category"].split(">") if row["own_category"] else ():
        slug, equals, name = level.strip().partition("=")
        name = unquote(name).strip()
        if not equals or not SLUG.fullmatch(slug) or not 0 < len(name) <= 255 or "\0" in name:
            raise BadRow(
                row.number, "invalid-category", f"category {level.strip()[:60]!r} is not of the form slug=Name"
            )
        levels.append((name, slug))
    return tuple(levels)


def count(row: Row, column: str) -> int | None:
    """A small number, none below zero; None for an empty cell. Raises BadRow."""
    text = row[column]
    if text and not re.fullmatch(r"\d{1,7}", text, re.ASCII):
        raise BadRow(row.number, "invalid-number", f"{column} {text[:40]!r} is no number")
    return int(text) if text else None


def attributes(row: Row) -> dict[str, str] | None:
    """A variant's attributes where they do not fit three options; None for an empty cell. Raises BadRow."""
    if not row["variant_attributes"]:
        return None
    try:
        found = ATTRIBUTES.decode(row["variant_attributes"])
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRow(
            row.number, "invalid-attributes", "the variant's attributes are no JSON object of texts"
        ) from error
    if len(found) > 20 or any(not 0 < len(name) <= 100 or len(value) > 200 for name, value in found.items()):
        raise BadRow(row.number, "invalid-attributes", "too many attributes, or too long ones")
    _check_storable(row, (*found, *found.values()))
    return found


def tags(row: Row) -> tuple[str, ...]:
    """In their order, each once. Raises BadRow."""
    if row["own_tags"]:
        try:
            told = tuple(dict.fromkeys(tag[:100] for tag in TAGS.decode(row["own_tags"]) if tag))
        except (msgspec.DecodeError, RecursionError) as error:
            raise BadRow(row.number, "invalid-tags", "the tags are no JSON list of texts") from error
        _check_storable(row, told)
        return told
    return tuple(dict.fromkeys(tag.strip()[:100] for tag in row["tags"].split(",") if tag.strip()))


def _check_storable(row: Row, texts: Iterable[str]) -> None:
    """JSON can name characters that no CSV file brings."""
    if any("\0" in text for text in texts):
        raise BadRow(row.number, "invalid-text", "there is a NUL in it")
