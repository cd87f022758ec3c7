"""The export file as rows: decoding, CSV, and the many names that Shopify gave its columns over the years."""

import csv
import io
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
}
REQUIRED = ("handle", "title")
LONGEST_CELL = 2**20  # characters; descriptions with pictures inside them pass csv's own limit


class ImportFileEmpty(Invalid):
    """There is not even a line of headings."""

    code = "import-file-empty"


class ImportFileNotText(Invalid):
    """Not UTF-8 text: another encoding, or no text at all."""

    code = "import-file-not-text"


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

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a file, and which of our columns it has."""

    columns: frozenset[str]
    rows: tuple[Row, ...]


def text_of(data: bytes) -> str:
    """The file's text, without its byte order mark. Raises ImportFileNotText."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFileNotText from error
    if "\0" in text:
        raise ImportFileNotText
    return text


def read(text: str) -> Table:
    """Raises ImportFileEmpty, ImportColumnsMissing, or ImportFileBroken."""
    records = _records(text.removeprefix("\ufeff"))
    _, headings = next(records, (0, []))
    if not headings:
        raise ImportFileEmpty
    places = _places(headings)
    if missing := tuple(HEADINGS[name][0].title() for name in REQUIRED if name not in places):
        raise ImportColumnsMissing(missing)
    rows = (_row(number, cells, places, len(headings)) for number, cells in records)
    return Table(frozenset(places), tuple(rows))


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, each with the line on which it starts."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
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


def _row(number: int, cells: list[str], places: dict[str, int], width: int) -> Row:
    filled = {name: cells[place].strip() for name, place in places.items() if place < len(cells)}
    return Row(number, filled, sum(bool(cell.strip()) for cell in cells[width:]))
