"""Categories: the tree in which products are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NewType, Protocol
from uuid import UUID

from domain.aggregate import Aggregate
from domain.errors import NotFound

CategoryId = NewType("CategoryId", UUID)


class CategoryNotFound(NotFound):
    code = "category-not-found"


@dataclass(slots=True, eq=False, kw_only=True)
class Category(Aggregate):
    """A shelf of the catalogue, below its parent."""

    id: CategoryId
    name: str
    slug: str
    description: str = ""
    parent: CategoryId | None = None
    is_active: bool = True


class Categories(Protocol):
    """Repository of categories; a shop has few, so they come all at once."""

    async def all(self) -> list[Category]: ...

    async def save(self, categories: Sequence[Category]) -> None: ...
