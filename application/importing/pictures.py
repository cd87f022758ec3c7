"""From the rows of one handle to its pictures, each once."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.importing import cells
from application.importing.rows import Row


@dataclass(frozen=True, slots=True)
class ParsedImage:
    url: str
    alt_text: str
    is_primary: bool = False


def images(rows: Sequence[Row]) -> tuple[ParsedImage, ...]:
    """In the order of their positions, then as they stand in the file, the variants' own last; each address once."""
    placed = [(cells.position(row), found) for row in rows if (found := image(row))]
    listed = [found for _, found in sorted(placed, key=lambda one: (one[0] is None, one[0] or 0))]
    listed += [ParsedImage(cells.address(row, "variant_image"), "") for row in rows if row["variant_image"]]
    first: dict[str, ParsedImage] = {}
    for found in listed:
        first.setdefault(found.url, found)
    return tuple(first.values())


def image(row: Row) -> ParsedImage | None:
    """The picture of that row, if it has one; its variant's picture is only looked at. Raises BadRow."""
    cells.position(row)
    if row["variant_image"]:
        cells.address(row, "variant_image")
    if not row["image"]:
        return None
    primary = cells.flag(row, "primary_image", default=False)
    return ParsedImage(cells.address(row, "image"), cells.words(row, "image_alt", 512), primary)
