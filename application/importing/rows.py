"""The export file as rows: decoding, CSV, and the many names that Shopify gave its columns over the years."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Invalid

# Our name of a column: its headings in the exports, older first. Matched without case. Everything else is ignored.
HEADINGS = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "body html", "description"),
    "category": ("product category", "standard product type"),
    "type": ("type", "custom product type"),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "option1_name": ("option1 name",),
    "option1_value": ("option1 value",),
    "option2_name": ("option2 name",),
    "option2_value": ("option2 value",),
    "option3_name": ("option3 name",),
    "option3_value": ("option3 value",),
    "sku": ("variant sku", "sku"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "grams": ("variant grams", "weight value (grams)"),
    "taxable": ("variant taxable", "charge tax"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "price": ("variant price", "price"),
    "compare_at_price": ("variant compare at price", "compare-at price", "compare at price"),
    "cost": ("cost per item",),
    "image": ("image src", "product image url"),
    "image_position": ("image position",),
    "image_alt": ("image alt text",),
    "variant_image": ("variant image", "variant image url"),
    "gift_card": ("gift card",),
    "seo_title": ("seo title",),
    "seo_description": ("seo description",),
    # Our own, which say what Shopify's columns cannot.
    "own_sku": ("tradepost sku",),
    "own_price": ("tradepost price",),
    "own_compare_at_price": ("tradepost compare at price",),
    "own_category": ("tradepost category",),
    "own_tags": ("tradepost tags",),
    "featured": ("tradepost featured",),
    "low_stock_threshold": ("tradepost low stock threshold",),
    "primary_image": ("tradepost primary image",),
    "variant_name": ("tradepost variant name",),
    "variant_active": ("tradepost variant active",),
    "variant_attributes": ("tradepost variant attributes",),
    "variant_price_kept": ("tradepost variant own price",),
    "backorder_limit": ("tradepost backorder limit",),
    "tax_class": ("tradepost tax class",),
}
REQUIRED = ("handle", "title")
DELIMITERS = ",;\t"  # spreadsheets of other countries write a semicolon, and a comma into their numbers
ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "windows-1252": "cp1252"}
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
MOST_ROWS = 500_000
# A cell that begins like this is run as a formula by spreadsheets; with an apostrophe before it, it is text.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")

csv.field_size_limit(2**30)  # how long a cell may be is judged by row, not by losing the whole file


class ImportFileEmpty(Invalid):
    """There is not even a line of headings."""

    code = "import-file-empty"


@dataclass(unsafe_hash=True)
class ImportFileNotText(Invalid):
    """Not text in that encoding from this line on: another one, or no text at all."""

    row: int
    encoding: str
    code = "import-file-not-text"

    @property
    def facts(self) -> dict[str, Any]:
        return {"row": self.row, "encoding": self.encoding}


@dataclass(unsafe_hash=True)
class ImportFileTooLong(Invalid):
    """More rows than one import takes."""

    most: int = MOST_ROWS
    code = "import-file-too-long"

    @property
    def facts(self) -> dict[str, Any]:
        return {"most": self.most}


@dataclass(unsafe_hash=True)
class ImportColumnsMissing(Invalid):
    """The headings are not those of a product export."""

    columns: tuple[str, ...]
    code = "import-columns-missing"

    @property
    def facts(self) -> dict[str, Any]:
        return {"columns": list(self.columns)}


@dataclass(unsafe_hash=True)
class ImportFileBroken(Invalid):
    """The quoting is broken from this record on, so nobody knows where its cells end."""

    row: int
    reason: str
    code = "import-file-broken"

    @property
    def facts(self) -> dict[str, Any]:
        return {"row": self.row, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `number` is the line of the file on which it starts; a column that is absent reads as empty."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    surplus: int = 0  # filled cells beyond the headings
    comma: bool = False  # its numbers may have a decimal comma

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a file, and which of our columns it has."""

    columns: frozenset[str]
    rows: tuple[Row, ...]


def text_of(data: bytes, encoding: str = "utf-8") -> str:
    """The file's text, without its byte order mark, which says more than `encoding`. Raises ImportFileNotText."""
    encoding = "utf-16" if data.startswith(UTF_16) else encoding
    try:
        text = data.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        raise ImportFileNotText(data.count(b"\n", 0, error.start) + 1, encoding) from error
    if "\0" in text:
        raise ImportFileNotText(text.count("\n", 0, text.index("\0")) + 1, encoding)
    return text


def escaped(text: str) -> str:
    """The cell that no spreadsheet takes for a formula, and that is read as this text again."""
    return f"'{text}" if FORMULA.match(text) else text


def read(text: str) -> Table:
    """Raises ImportFileEmpty, ImportColumnsMissing, ImportFileTooLong, or ImportFileBroken."""
    text = text.removeprefix("\ufeff")
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    places, width = _headings(records)
    rows: list[Row] = []
    for number, cells in records:
        if len(rows) == MOST_ROWS:
            raise ImportFileTooLong
        rows.append(_row(number, cells, places, width, comma=delimiter == ";"))
    return Table(frozenset(places), tuple(rows))


def check(text: str) -> None:
    """Whether it is a product export, as far as the headings tell. Raises ImportFileEmpty or ImportColumnsMissing."""
    text = text.removeprefix("\ufeff")
    _headings(_records(text, _delimiter(text)))


def _delimiter(text: str) -> str:
    """The one that makes headings we know of the first line."""
    first = text.lstrip()[:20_000].partition("\n")[0]
    return max(DELIMITERS, key=lambda one: len(_places(first.replace('"', "").split(one))))


def _headings(records: Iterator[tuple[int, list[str]]]) -> tuple[dict[str, int], int]:
    """Where each of our columns stands, and how many there are in all."""
    _, headings = next(records, (0, []))
    if not headings:
        raise ImportFileEmpty
    places = _places(headings)
    if missing := tuple(HEADINGS[name][0].title() for name in REQUIRED if name not in places):
        raise ImportColumnsMissing(missing)
    return places, len(headings)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, each with the line on which it starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise ImportFileBroken(start, str(error)) from error


def _places(headings: list[str]) -> dict[str, int]:
    """Where each of our columns stands; of two headings for one thing the older name counts, then the first."""
    found = [" ".join(heading.split()).casefold() for heading in headings]
    named = {name: next((known for known in names if known in found), None) for name, names in HEADINGS.items()}
    return {name: found.index(heading) for name, heading in named.items() if heading is not None}


def _row(number: int, cells: list[str], places: dict[str, int], width: int, *, comma: bool) -> Row:
    """Cells that are empty are left out: there are many."""
    filled = {
        name: _told(text) for name, place in places.items() if place < len(cells) and (text := cells[place].strip())
    }
    return Row(number, filled, sum(bool(cell.strip()) for cell in cells[width:]), comma)


def _told(text: str) -> str:
    return text[1:] if text[0] == "'" and FORMULA.match(text) else text
