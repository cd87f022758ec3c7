"""What a reader of the catalogue may ask for: filters and orderings."""

import re
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from domain.money import Money

Ordering = Literal["price", "-price", "name", "-name", "created_at", "-created_at", "popularity", "-popularity"]

WRITTEN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Everything that is named must hold. `attributes` names the values of which one variant must have one each."""

    category: str | None = None  # slug or id; what is below it counts in
    min_price: Money | None = None
    max_price: Money | None = None
    in_stock: bool | None = None
    is_featured: bool | None = None
    is_on_sale: bool | None = None
    is_active: bool = True
    tags: tuple[str, ...] = ()
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    search: str | None = None
    ordering: Ordering = "-created_at"


def id_of(ref: str) -> UUID | None:
    """The id, where the text is one and no slug."""
    return UUID(ref) if WRITTEN_ID.fullmatch(ref) else None
