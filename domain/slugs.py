"""Slugs: the names that stand in addresses."""

import re
import unicodedata
from collections.abc import Iterable

from domain.errors import Conflict


class SlugTaken(Conflict):
    code = "slug-taken"


def slugify(text: str) -> str:
    """Lower-case ASCII words joined by hyphens, for addresses; "" where nothing is left."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:200].strip("-")


def free_slug(stem: str, taken: Iterable[str]) -> str:
    """The stem, or the stem with the first free number behind it."""
    used = set(taken)
    stem = stem or "product"
    if stem not in used:
        return stem
    number = 2
    while f"{stem}-{number}" in used:
        number += 1
    return f"{stem}-{number}"
