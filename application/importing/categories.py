"""Where imported products belong: finds their categories in the shop's tree, and makes those that are missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from application.ports import NewId
from domain.categories import Category, CategoryId
from domain.slugs import free_slug, slugify


@dataclass(slots=True)
class Tree:
    """The shop's categories by name. `made` are new, parents before their children."""

    new_id: NewId
    at: datetime
    known: list[Category]
    made: list[Category] = field(default_factory=list)
    _placed: dict[tuple[str, ...], CategoryId] = field(default_factory=dict)
    _shelved: dict[str, CategoryId] = field(default_factory=dict)

    def place(self, names: tuple[str, ...], shelf: tuple[tuple[str, str], ...] = ()) -> CategoryId | None:
        """The category of at most two names, the upper first, or, where it is told, of that name and slug.

        None for no names.
        """
        if shelf:
            return self._at(shelf)
        if not names:
            return None
        key = tuple(name.casefold() for name in names)
        if key not in self._placed:
            self._placed[key] = self._find_or_make(names)
        return self._placed[key]

    def _find_or_make(self, names: tuple[str, ...]) -> CategoryId:
        if len(names) == 1:
            same = self._named(names[0])
            top = [category for category in same if category.parent is None]
            return (top or same)[0].id if same else self._make(names[0], None)
        parent = next((one.id for one in self._named(names[0]) if one.parent is None), None)
        parent = parent or self._make(names[0], None)
        child = next((one.id for one in self._named(names[1]) if one.parent == parent), None)
        return child or self._make(names[1], parent)

    def _at(self, shelf: tuple[tuple[str, str], ...]) -> CategoryId:
        """The category that has the last slug; what is missing above and of it is made."""
        slug = shelf[-1][1]
        if slug not in self._shelved:
            self._shelved.update((one.slug, one.id) for one in (*self.known, *self.made))
        if slug not in self._shelved:
            parent = self._at(shelf[:-1]) if shelf[1:] else None
            self._shelved[slug] = self._make(shelf[-1][0], parent, slug)
        return self._shelved[slug]

    def _named(self, name: str) -> list[Category]:
        return [one for one in (*self.known, *self.made) if one.name.casefold() == name.casefold()]

    def _make(self, name: str, parent: CategoryId | None, slug: str = "") -> CategoryId:
        slug = slug or free_slug(slugify(name) or "category", self._slugs())
        category = Category.create(at=self.at, id=CategoryId(self.new_id()), name=name, slug=slug, parent=parent)
        self.made.append(category)
        return category.id

    def _slugs(self) -> Iterable[str]:
        return (one.slug for one in (*self.known, *self.made))
