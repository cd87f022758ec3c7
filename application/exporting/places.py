"""Where products belong, in the words of an export: the path that Shopify reads, and ours where that is not enough."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from application.importing.cells import NO_CATEGORY, TAXONOMY_ID
from domain.categories import Category, CategoryId
from domain.slugs import slugify

LEVELS_OF_SHOPIFY = 2  # as many names of a path as an import looks at
APART = " > "


class Places:
    """The cells of each category, made once."""

    def __init__(self, categories: Iterable[Category]) -> None:
        self._by_id = {category.id: category for category in categories}
        self._named: set[tuple[CategoryId | None, str]] = set()
        self._clear = {one.id for one in self._by_id.values() if self._is_first_of_its_name(one)}
        self._told: dict[CategoryId | None, tuple[str, str]] = {None: ("", "")}

    def __call__(self, id: CategoryId | None) -> tuple[str, str]:
        """Product Category, and our own column."""
        if id not in self._told:
            path = self._path(id)
            names = APART.join(category.name for category in path)
            own = APART.join(f"{category.slug}={_quoted(category.name)}" for category in path)
            self._told[id] = (names, "" if self._is_clear(path) else own)
        return self._told[id]

    def _path(self, id: CategoryId | None) -> list[Category]:
        """From the top."""
        path: list[Category] = []
        upper = id
        while upper is not None and upper in self._by_id and len(path) < len(self._by_id):
            path.insert(0, self._by_id[upper])
            upper = path[0].parent
        return path

    def _is_first_of_its_name(self, category: Category) -> bool:
        key = (category.parent, category.name.casefold())
        is_first = key not in self._named
        self._named.add(key)
        return is_first

    def _is_clear(self, path: list[Category]) -> bool:
        """Whether the names alone make an import find, or make, the same categories."""
        return len(path) <= LEVELS_OF_SHOPIFY and all(
            one.id in self._clear and one.slug == slugify(one.name) and _reads_as_it_is(one.name) for one in path
        )


def _reads_as_it_is(name: str) -> bool:
    return (
        ">" not in name
        and name == " ".join(name.split())[:100]
        and not TAXONOMY_ID.fullmatch(name)
        and name.casefold() != NO_CATEGORY
    )


def _quoted(name: str) -> str:
    """What parts the levels, and percent signs, are written by their codes."""
    return re.sub("[%>]", lambda found: quote(found[0], safe=""), name)
