"""Categories: the tree in which products are found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, Self
from uuid import UUID

from domain.aggregate import Aggregate, Event, differing
from domain.errors import Conflict, InvalidField, NotFound

CategoryId = NewType("CategoryId", UUID)

MAX_DEPTH = 20


class CategoryNotFound(NotFound):
    code = "category-not-found"


class CategoryCycle(Conflict):
    """It would stand below itself."""

    code = "category-cycle"


class CategoryTooDeep(Conflict):
    """The tree would have more than MAX_DEPTH levels."""

    code = "category-too-deep"


@dataclass(unsafe_hash=True)
class CategoryNotEmpty(Conflict):
    """It cannot go while something is in it."""

    products: int
    categories: int
    code = "category-not-empty"

    @property
    def facts(self) -> dict[str, Any]:
        return {"products": self.products, "categories": self.categories}


class CategoryChange(StrEnum):
    """What happened to a category."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanged(Event):
    """Tells how the category is since; `fields` names what differs from before."""

    category: CategoryId
    change: CategoryChange
    name: str
    slug: str
    parent: CategoryId | None
    is_active: bool
    fields: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict, compare=False)
    after: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(slots=True, eq=False, kw_only=True)
class Category(Aggregate):
    """A shelf of the catalogue, below its parent."""

    id: CategoryId
    name: str
    slug: str
    description: str = ""
    parent: CategoryId | None = None
    is_active: bool = True

    @classmethod
    def create(cls, *, at: datetime, **fields: Any) -> Self:
        category = cls(**fields)
        category._check()
        category._tell(CategoryChange.CREATED, at, after=category._labels)
        return category

    def change(self, at: datetime, **fields: Any) -> None:
        """Change the named fields. Nothing is recorded where nothing differs. The tree judges a new parent."""
        named = {name: value for name, value in fields.items() if getattr(self, name) != value}
        if not named:
            return
        told = differing({name: getattr(self, name) for name in named}, named)
        for name, value in named.items():
            setattr(self, name, value)
        self._check()
        self._tell(CategoryChange.CHANGED, at, tuple(sorted(named)), **told)

    def remove(self, at: datetime) -> None:
        self._tell(CategoryChange.REMOVED, at, before=self._labels)

    @property
    def _labels(self) -> dict[str, Any]:
        """What it is known by."""
        return {"name": self.name, "slug": self.slug, "parent": self.parent}

    def _check(self) -> None:
        if not self.name.strip():
            raise InvalidField("/name", "required", "must not be empty")

    def _tell(
        self, change: CategoryChange, at: datetime, fields: tuple[str, ...] = (), **differences: Mapping[str, Any]
    ) -> None:
        told = CategoryChanged(
            category=self.id,
            change=change,
            name=self.name,
            slug=self.slug,
            parent=self.parent,
            is_active=self.is_active,
            fields=fields,
            at=at,
            **differences,
        )
        self.record(told)


class CategoryTree(dict[CategoryId, Category]):
    """All categories of the shop."""

    @classmethod
    def of(cls, categories: Iterable[Category]) -> Self:
        return cls({category.id: category for category in categories})

    def place(self, category: Category) -> None:
        """Put it, with all that is below it, where its parent is. Raises CategoryCycle or CategoryTooDeep."""
        self[category.id] = category
        above, parent = 1, category.parent
        while parent is not None:
            if parent == category.id:
                raise CategoryCycle
            above, parent = above + 1, self[parent].parent
        if above + self._levels_below(category.id) > MAX_DEPTH:
            raise CategoryTooDeep

    def path(self, to: CategoryId | None) -> list[Category]:
        """From the topmost category to this one; empty for none."""
        path: list[Category] = []
        while to is not None:
            path.insert(0, self[to])
            to = path[0].parent
        return path

    def children(self, id: CategoryId) -> list[Category]:
        return [category for category in self.values() if category.parent == id]

    def _levels_below(self, id: CategoryId) -> int:
        levels, row = -1, {id}
        while row:
            levels, row = levels + 1, {one.id for one in self.values() if one.parent in row}
        return levels


class Categories(Protocol):
    """Repository of categories; a shop has few, so they come all at once."""

    async def all(self) -> list[Category]: ...

    async def take(self) -> list[Category]:
        """All of them, locked: the tree changes for one at a time."""
        ...

    async def save(self, categories: Sequence[Category]) -> None:
        """Raises SlugTaken."""
        ...

    async def remove(self, category: Category) -> None:
        """Raises StaleWrite where something is in it by now."""
        ...
