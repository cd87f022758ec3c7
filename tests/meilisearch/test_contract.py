"""The contract of every search index, on Meilisearch, its events delivered: all but what its own judgement decides.

Relevance, and what it forgives and in which words, is a real server's to show, not a likeness's.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest
from dishka import AsyncContainer, Provider, Scope

from adapters.meilisearch.index import MeilisearchIndex
from application.ports import PageRequest, Progress
from application.search.index import Documents, Found, Query, SearchIndex
from application.search.standby import CatalogIndex, Circuit, StandbyIndex
from application.search.views import Suggestion
from domain.catalog import ProductId
from entrypoints.container import make_memory_container
from entrypoints.settings import Settings
from tests.contracts.test_search import (
    shop,
    test_a_change_is_found_at_once,
    test_a_cursor_is_good_for_its_own_search_only,
    test_a_sale_that_sells_out_is_counted_at_once,
    test_a_suggestion_is_name_slug_and_picture,
    test_categories_are_words_also_when_renamed_and_moved,
    test_pages_of_a_search_follow_each_other_without_gaps,
    test_products_saved_while_their_category_is_renamed_are_found_by_the_new_name,
    test_staff_search_what_is_not_active,
    test_the_index_can_be_made_anew,
    test_variants_are_found_by_number_and_by_what_they_are,
    test_what_is_deleted_is_gone,
    test_what_is_not_active_is_nowhere,
    test_whatever_is_typed_is_only_text,
    test_without_words_what_sells_best_comes_first,
)
from tests.contracts.test_search_facets import test_facets_count_what_a_count_by_hand_counts, town
from tests.meilisearch.fake import KEY, FakeMeilisearch

__all__ = [
    "shop",
    "test_a_change_is_found_at_once",
    "test_a_cursor_is_good_for_its_own_search_only",
    "test_a_sale_that_sells_out_is_counted_at_once",
    "test_a_suggestion_is_name_slug_and_picture",
    "test_categories_are_words_also_when_renamed_and_moved",
    "test_facets_count_what_a_count_by_hand_counts",
    "test_pages_of_a_search_follow_each_other_without_gaps",
    "test_products_saved_while_their_category_is_renamed_are_found_by_the_new_name",
    "test_staff_search_what_is_not_active",
    "test_the_index_can_be_made_anew",
    "test_variants_are_found_by_number_and_by_what_they_are",
    "test_what_is_deleted_is_gone",
    "test_what_is_not_active_is_nowhere",
    "test_whatever_is_typed_is_only_text",
    "test_without_words_what_sells_best_comes_first",
    "town",
]


@dataclass
class Told:
    """An index that has been told of everything whenever it is asked."""

    index: SearchIndex
    documents: Documents
    known: set[ProductId] = field(default_factory=set)

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        await self._tell()
        return await self.index.search(query, page, staff=staff)

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        await self._tell()
        return await self.index.suggest(text)

    async def refresh(self, products: Sequence[ProductId]) -> None:
        await self.index.refresh(products)

    async def rebuild(self, progress: Progress) -> int:
        return await self.index.rebuild(progress)

    async def _tell(self) -> None:
        self.known |= {document.id for document in await self.documents.after(None, 1000)}
        await self.index.refresh(sorted(self.known))


@pytest.fixture
async def container(settings: Settings, server: FakeMeilisearch) -> AsyncIterator[AsyncContainer]:
    """The catalogue's own index stands by for questions beyond Meilisearch, and for nothing else."""
    circuit = Circuit()

    async def index(meilisearch: MeilisearchIndex, own: CatalogIndex, documents: Documents) -> SearchIndex:
        await meilisearch.rebuild(lambda *_: None)
        return Told(StandbyIndex(meilisearch, own, circuit), documents)

    instead = Provider(scope=Scope.APP)
    instead.provide(index, provides=SearchIndex)
    made = make_memory_container(msgspec.structs.replace(settings, meili_url=server.url, meili_key=KEY), instead)
    yield made
    await made.close()
    assert not circuit.is_open
    assert "/multi-search" in {path for _, path, _ in server.asked}
