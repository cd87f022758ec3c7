"""`SearchIndex` on Meilisearch: it finds the ids; what is shown of them, the catalogue's own database says."""

import logging
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from uuid import UUID

import msgspec

from adapters.meilisearch.answering import Unreadable, counted
from adapters.meilisearch.asking import Searched, answerable, categories_of, facet_queries, filters_of, page_query
from adapters.meilisearch.client import SEARCHING, MeilisearchClient, MeilisearchRefused
from adapters.meilisearch.shelf import Shelves
from application.catalog.views import ProductItem
from application.paging import Cursors
from application.ports import Busy, Currency, PageRequest, Progress, Store, Unavailable
from application.search.index import MOST_SUGGESTIONS, Documents, Found, Query
from application.search.standby import BeyondIndex
from application.search.views import Facets, Suggestion
from application.search.words import words_of
from domain.catalog import ProductId

ATTEMPTS = 5  # at making the index say what the catalogue says, while the latter goes on changing
AT_ONCE = 500  # products read, compared and sent together
ABSENT = "index_not_found"  # it is still to be built

logger = logging.getLogger("tradepost.search")


class Results(msgspec.Struct):
    results: list[Searched]


class MeilisearchIndex:
    """Raises Unavailable("search") also while there is no index yet: until then others have to answer."""

    def __init__(
        self,
        client: MeilisearchClient,
        shelves: Shelves,
        documents: Documents,
        store: Store,
        cursors: Cursors,
        currency: Currency,
    ) -> None:
        self._client = client
        self._shelves = shelves
        self._documents = documents
        self._store = store
        self._cursors = cursors
        self._currency = currency

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        """Raises BeyondIndex for what the documents do not tell. `corrected` is not known: Meilisearch does not say."""
        if not answerable(query):
            raise BeyondIndex
        if query.q.strip() and not words_of(
            query.q
        ):  # to Meilisearch, punctuation is the same as nothing: all products
            return Found([], None, Facets())
        order = _order(query, staff=staff)
        position = self._cursors.open(page.cursor, order) if page.cursor is not None else None
        offset = int(position.values[0]) if position else 0
        async with self._store.transaction() as tx:
            categories = await tx.categories.all()
        wanted = query.filter
        filters = filters_of(wanted, categories_of(wanted, categories, staff=staff), staff=staff)
        apart = facet_queries(query, filters)
        first, *others = await self._ask([page_query(query, filters, offset, page.size), *apart.values()])
        answers = dict(zip(apart, others, strict=True))
        try:
            facets = counted(wanted, self._currency, categories, first, answers, staff=staff)
        except Unreadable as error:
            raise BeyondIndex from error
        more = len(first.hits) > page.size
        return Found(
            results=await self._items(first.hits[: page.size], is_active=wanted.is_active),
            next=self._cursors.seal((offset + page.size,), order) if more else None,
            facets=facets,
        )

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        if not words_of(text):
            return []
        query = {
            "q": text,
            "filter": ["is_active = true"],
            "attributesToRetrieve": ["id"],
            "attributesToSearchOn": ["name", "skus"],
            "matchingStrategy": "all",
            "limit": MOST_SUGGESTIONS,
        }
        (found,) = await self._ask([query])
        return [
            Suggestion(item.name, item.slug, item.primary_image)
            for item in await self._items(found.hits, is_active=True)
        ]

    async def refresh(self, products: Sequence[ProductId]) -> None:
        """Writes, and looks again until nothing differs: so whoever writes last has seen the last state of it."""
        for start in range(0, len(products), AT_ONCE):
            some = products[start : start + AT_ONCE]
            for shelf in await self._shelves.to_tell():
                await self._settle(shelf, some)

    async def _settle(self, shelf: str, products: Sequence[ProductId]) -> None:
        for _ in range(ATTEMPTS):
            documents = await self._documents.of(products)
            if not await self._shelves.store(shelf, products, documents):
                return
        raise Busy(f"the products changed {ATTEMPTS} times while they were indexed")

    async def rebuild(self, progress: Progress) -> int:
        """Raises Busy where somebody else is at it."""
        total, done, last = await self._documents.count(), 0, None
        progress(0, total)
        await self._shelves.begin()
        while documents := await self._documents.after(last, AT_ONCE):
            last = documents[-1].id
            await self._settle(self._shelves.next, [document.id for document in documents])
            done += len(documents)
            progress(done, max(done, total))
        await self._shelves.replace()
        return done

    async def is_there(self) -> bool:
        """Whether there is an index to search in."""
        return await self._shelves.is_there()

    async def _ask(self, queries: Sequence[Mapping[str, object]]) -> list[Searched]:
        body = {"queries": [{"indexUid": self._shelves.live, **query} for query in queries]}
        try:
            answer = await self._client.ask("POST", "/multi-search", Results, body=body, patience=SEARCHING)
        except MeilisearchRefused as error:
            if error.code != ABSENT:
                logger.error("Meilisearch refused a search: %s", error)
            raise Unavailable("search") from error
        return answer.results

    async def _items(self, hits: Sequence[Mapping[str, str]], *, is_active: bool) -> list[ProductItem]:
        """As they are now. What has left the shop since it was indexed, is left out."""
        ids = [ProductId(UUID(hit["id"])) for hit in hits]
        items = await self._documents.items(ids) if ids else {}
        return [items[key] for key in ids if key in items and items[key].is_active is is_active]


def _order(query: Query, *, staff: bool) -> str:
    """A name for the query, so that no other's cursor opens."""
    return f"meilisearch {blake2b(msgspec.json.encode((query, staff)), digest_size=12).hexdigest()}"
