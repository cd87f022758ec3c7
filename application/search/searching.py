"""Searching the shop, and what is taken down of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from application.catalog.wishes import ProductFilter
from application.ports import Clock, PageRequest
from application.search.index import Query, SearchIndex
from application.search.misses import Misses, told_of
from application.search.views import Asked, SearchPage, Suggestion
from domain.accounts import Actor, Permission, may


@dataclass(frozen=True, slots=True)
class SearchProducts:
    """A search that finds nothing is noted, unless filters may be the reason, or staff tried something."""

    index: SearchIndex
    misses: Misses
    clock: Clock

    async def __call__(self, who: Actor, query: Query, page: PageRequest) -> SearchPage:
        began = time.perf_counter()
        staff = may(who, Permission.READ_CATALOG)
        found = await self.index.search(query, page, staff=staff)
        if not found.results and page.cursor is None and query.filter == ProductFilter() and not staff:
            self._note(query.q)
        took = round((time.perf_counter() - began) * 1000)
        return SearchPage(found.results, found.next, found.facets, Asked(query.q, found.corrected), took)

    def _note(self, q: str) -> None:
        if (words := told_of(q)) is not None:
            self.misses.note(words, self.clock())


@dataclass(frozen=True, slots=True)
class SuggestProducts:
    index: SearchIndex

    async def __call__(self, text: str) -> Sequence[Suggestion]:
        return await self.index.suggest(text) if text.strip() else []
