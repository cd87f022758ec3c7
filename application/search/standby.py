"""Two indexes as one: the second answers what the first cannot, and all while the first is away."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from application.ports import PageRequest, Progress, Unavailable
from application.search.index import Found, Query, SearchIndex
from application.search.views import Suggestion
from domain.catalog import ProductId
from domain.errors import InvalidField

T = TypeVar("T")

logger = logging.getLogger("tradepost.search")


class BeyondIndex(Exception):
    """The question is one that this index cannot answer exactly."""


class CatalogIndex(SearchIndex, Protocol):
    """The index that changes with the catalogue's own transactions: it is there, and right, whenever that is."""


@dataclass(slots=True)
class Circuit:
    """Spares those who ask the wait for somebody who was just found away. `rest` in seconds."""

    rest: float = 5.0
    now: Callable[[], float] = time.monotonic
    until: float = field(default=float("-inf"), init=False)
    is_open: bool = field(default=False, init=False)

    def lets_through(self) -> bool:
        """After the rest one at a time tries again; if that fails, the others have not waited."""
        if self.is_open and self.now() >= self.until:
            self.until = self.now() + self.rest
            return True
        return not self.is_open

    def failed(self) -> None:
        if not self.is_open:
            logger.warning("the search index is away; the catalogue's own answers until it is back")
        self.is_open, self.until = True, self.now() + self.rest

    def answered(self) -> None:
        if self.is_open:
            logger.info("the search index is back")
        self.is_open = False


@dataclass(frozen=True, slots=True)
class StandbyIndex:
    """A `SearchIndex`. What is to be indexed goes to both; where one is away that fails, to be tried again."""

    first: SearchIndex
    second: CatalogIndex
    circuit: Circuit

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        """A cursor is followed where it came from. Raises Unavailable("search") while that is away."""
        try:
            return await self._asked(lambda: self.first.search(query, page, staff=staff))
        except InvalidField:
            if page.cursor is None:
                raise
            return await self.second.search(query, page, staff=staff)
        except BeyondIndex:
            return await self.second.search(query, page, staff=staff)
        except Unavailable as away:
            try:
                return await self.second.search(query, page, staff=staff)
            except InvalidField:
                raise away from None

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        try:
            return await self._asked(lambda: self.first.suggest(text))
        except Unavailable:
            return await self.second.suggest(text)

    async def refresh(self, products: Sequence[ProductId]) -> None:
        await self.second.refresh(products)
        await self.first.refresh(products)

    async def rebuild(self, progress: Progress) -> int:
        """The second one first, since it has to be there for the first one's absence."""
        await self.second.rebuild(progress)
        return await self.first.rebuild(progress)

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        if not self.circuit.lets_through():
            raise Unavailable("search")
        try:
            answer = await ask()
        except Unavailable:
            self.circuit.failed()
            raise
        self.circuit.answered()
        return answer
