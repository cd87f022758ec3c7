"""Search in memory: looks at every product, each time."""

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

from adapters.memory.catalog import MemoryCatalogViews
from adapters.memory.tables import MemoryDatabase
from application.catalog.wishes import ProductFilter
from application.paging import Cursors, paged
from application.ports import Currency, Page, PageRequest, Progress
from application.search.facets import Prices, Tallies, facets_of, price_range
from application.search.index import MOST_SUGGESTIONS, Found, Query
from application.search.misses import MOST_MISSES, MissedSearch
from application.search.scoring import Told, has, matches, score, told
from application.search.spelling import meant
from application.search.views import Facets, Suggestion
from application.search.words import IDLE, Word, folded, words_of
from domain.catalog import Product, ProductId

TAGS = re.compile(r"<[^>]*>")


class MemorySearchIndex:
    def __init__(
        self, database: MemoryDatabase, views: MemoryCatalogViews, cursors: Cursors, currency: Currency
    ) -> None:
        self._database = database
        self._views = views
        self._cursors = cursors
        self._currency = currency

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        if not query.q.strip():
            return await self._browse(query, page, staff=staff)
        order = f"search {query.ordering} {folded(query.q)}"
        position = self._cursors.open(page.cursor, order) if page.cursor is not None else None
        known = {product.id: self._told(product) for product in self._database.tables.products.values()}
        alike = self._views.matching(ProductFilter(is_active=query.filter.is_active), staff=staff)
        words, corrected = understood(words_of(query.q), [known[product.id] for product in alike])
        if not words:
            return Found([], None, Facets())
        by_relevance, name = query.ordering == "relevance", query.ordering.removeprefix("-")
        downwards = by_relevance or query.ordering.startswith("-")

        def key(product: Product) -> tuple[Any, UUID]:
            if not by_relevance:
                return self._views.key(name, product), product.id
            return score(known[product.id], words, query.q, in_stock=self._views.item(product).in_stock), product.id

        def found(wanted: ProductFilter) -> list[Product]:
            return [one for one in self._views.matching(wanted, staff=staff) if matches(known[one.id], words)]

        rows = sorted(found(query.filter), key=key, reverse=downwards)
        if position is not None:
            value, at = position.values
            start = (datetime.fromisoformat(value) if name == "created_at" else value, UUID(at))
            rows = [row for row in rows if (key(row) < start if downwards else key(row) > start)]
        shown = paged(rows[: page.size + 1], page.size, position, key, self._cursors, order)
        facets = self._facets(query.filter, found, staff=staff)
        return Found([self._views.item(one) for one in shown.results], shown.next, facets, corrected)

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        active = self._views.matching(ProductFilter(), staff=False)
        known = {product.id: self._told(product) for product in active}
        words, _ = understood(words_of(text), known.values())
        if not words:
            return []
        phrase = " ".join(word.folded for word in words)
        fitting = [one for one in active if all(has(known[one.id].called, word) for word in words)] or [
            one for one in active if all(has(known[one.id].called | known[one.id].shelved, word) for word in words)
        ]
        fitting.sort(key=lambda one: (not known[one.id].name.startswith(phrase), len(one.name), one.name))
        return [Suggestion(one.name, one.slug, one.primary_image) for one in fitting[:MOST_SUGGESTIONS]]

    async def refresh(self, products: Sequence[ProductId]) -> None:
        """There is nothing beside the catalogue."""

    async def rebuild(self, progress: Progress) -> int:
        total = len(self._database.tables.products)
        progress(total, total)
        return total

    async def _browse(self, query: Query, page: PageRequest, *, staff: bool) -> Found:
        """Without words it is the list, with facets."""
        ordering = "-popularity" if query.ordering == "relevance" else query.ordering
        wanted = replace(query.filter, search=None, ordering=ordering)
        listed = await self._views.products(wanted, page, staff=staff)
        facets = self._facets(wanted, lambda each: self._views.matching(each, staff=staff), staff=staff)
        return Found(listed.results, listed.next, facets)

    def _told(self, product: Product) -> Told:
        path = self._views.path(product.category)
        values = [value for one in product.variants if one.is_active for value in one.attributes.values()]
        skus = {product.sku, *product.skus}
        shelves = [*product.tags, *(category.name for category in path)]
        return told(product.name, skus, shelves, values, unescape(TAGS.sub(" ", product.description)))

    def _facets(
        self, wanted: ProductFilter, found: Callable[[ProductFilter], Iterable[Product]], *, staff: bool
    ) -> Facets:
        wanted = replace(wanted, search=None)
        tallies = Tallies()
        for product in found(replace(wanted, category=None)):
            if product.category is not None:
                tallies.categories[product.category] += 1
        for product in found(replace(wanted, min_price=None, max_price=None)):
            price = product.price.amount
            held = tallies.prices.setdefault(price_range(price, self._currency), Prices(0, price, price))
            held.count, held.cheapest, held.dearest = (
                held.count + 1,
                min(held.cheapest, price),
                max(held.dearest, price),
            )
        tallies.in_stock.update(self._views.item(one).in_stock for one in found(replace(wanted, in_stock=None)))
        tallies.tags.update(tag for one in found(replace(wanted, tags=())) for tag in {*one.tags})
        for product in found(replace(wanted, attributes=())):
            tallies.attributes.append(([one.attributes for one in product.variants if one.is_active], 1))
        categories = self._database.tables.categories.values()
        return facets_of(tallies, categories, wanted, self._currency, staff=staff)


def understood(typed: Sequence[Word], sold: Iterable[Told]) -> tuple[list[Word], str | None]:
    """The words to look for, and how they read where they are others than those typed. None for nonsense."""
    products = list(sold)
    known = frozenset(word for one in products for word in one.all)
    lexicon = {word for one in products for word in one.exactly if word.isalpha()}
    busy = [word for word in typed if word.folded not in IDLE] or typed
    words: list[Word] = []
    for word in busy:
        if has(known, word):
            words.append(word)
        elif (instead := meant(word.folded, lexicon, beginning=word.is_last)) is not None:
            words.append(replace(word, spellings=(instead,)))
        elif parts := _split(word.folded, lexicon):
            words += [Word((part,)) for part in parts]
        else:
            return [], None
    if words == list(busy):
        return words, None
    return words, " ".join(word.folded for word in words)


def _split(word: str, lexicon: AbstractSet[str]) -> tuple[str, str] | None:
    """Two words that were written as one."""
    places = sorted(range(3, len(word) - 2), key=lambda at: abs(len(word) - 2 * at))
    return next(((word[:at], word[at:]) for at in places if {word[:at], word[at:]} <= lexicon), None)


class MemoryMisses:
    def __init__(self, cursors: Cursors) -> None:
        self._cursors = cursors
        self._held: dict[str, MissedSearch] = {}  # the one seen last at the end

    def note(self, q: str, at: datetime) -> None:
        held = self._held.pop(q, MissedSearch(q, 0, at))
        self._held[q] = MissedSearch(q, held.count + 1, at)
        for oldest in [*self._held][:-MOST_MISSES]:
            del self._held[oldest]

    async def listed(self, page: PageRequest) -> Page[MissedSearch]:
        order = "search misses"
        position = self._cursors.open(page.cursor, order) if page.cursor is not None else None

        def key(one: MissedSearch) -> tuple[int, str]:
            return one.count, one.q

        rows = sorted(self._held.values(), key=key, reverse=True)
        if position is not None and position.way == "next":
            rows = [row for row in rows if key(row) < position.values]
        elif position is not None:
            rows = [row for row in reversed(rows) if key(row) > position.values]
        return paged(rows[: page.size + 1], page.size, position, key, self._cursors, order)
