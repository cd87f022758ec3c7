"""The index that products are found in, and what it is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from application.catalog.views import ProductItem
from application.catalog.wishes import Ordering, ProductFilter
from application.ports import PageRequest, Progress
from application.search.views import Facets, Suggestion
from domain.catalog import ProductId
from domain.categories import CategoryId

SearchOrdering = Literal["relevance"] | Ordering

MOST_SUGGESTIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: words as they were typed, and the list's filters, whose `search` and `ordering` do not count.

    By relevance is best match first, and without words what sells best.
    """

    q: str = ""
    filter: ProductFilter = field(default_factory=ProductFilter)
    ordering: SearchOrdering = "relevance"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found. `next` is a cursor, `corrected` what was looked for instead of the words typed."""

    results: Sequence[ProductItem]
    next: str | None
    facets: Facets
    corrected: str | None = None


class SearchIndex(Protocol):
    """Where products are found. Raises Unavailable("search") when it is away."""

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        """Raises InvalidField for a cursor that is not ours, or of another query."""
        ...

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        """At most eight active products for what has been typed so far."""
        ...

    async def refresh(self, products: Sequence[ProductId]) -> None:
        """Say of these what the catalogue says now, also that they are gone. May be told twice, and in any order.

        An index that changes with the catalogue's own transactions has nothing to do.
        """
        ...

    async def rebuild(self, progress: Progress) -> int:
        """Make the index anew from the catalogue while the old one goes on answering. Says how many products it has."""
        ...


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A product as an index outside of the catalogue's database holds it; money in minor units."""

    id: ProductId
    name: str
    description: str  # without HTML
    skus: Sequence[str]  # the variants', and its own
    tags: Sequence[str]
    category: CategoryId | None
    category_names: Sequence[str]  # its own and those above, the topmost first
    variants: Sequence[dict[str, str]]  # attributes of the active ones
    price: int
    in_stock: bool
    is_active: bool
    is_featured: bool
    is_on_sale: bool
    popularity: int
    created_at: datetime


class Documents(Protocol):
    """Reads the catalogue as documents, for indexes outside of its database."""

    async def of(self, products: Sequence[ProductId]) -> Sequence[Document]:
        """Those that still exist."""
        ...

    async def after(self, product: ProductId | None, limit: int) -> Sequence[Document]:
        """The next ones by id; from the first on with None."""
        ...

    async def count(self) -> int: ...

    async def items(self, products: Sequence[ProductId]) -> dict[ProductId, ProductItem]:
        """As lists show them now."""
        ...
