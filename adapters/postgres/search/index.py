"""`SearchIndex` on PostgreSQL: two statements for a search with words, and as many without."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec

from adapters.postgres.catalog.views import PostgresCatalogViews
from adapters.postgres.database import Database, only, statement
from adapters.postgres.search.asking import Asked, understand
from adapters.postgres.search.finding import NO_ID, Statement, counting, finding
from adapters.postgres.search.tallying import decode as decode_counted
from adapters.postgres.search.tallying import tallies_of
from application.catalog.showing import product_item
from application.catalog.wishes import ProductFilter
from application.paging import Cursors, paged
from application.ports import Currency, PageRequest, Progress
from application.search.facets import facets_of
from application.search.index import MOST_SUGGESTIONS, Found, Query
from application.search.views import Facets, Suggestion
from application.search.words import folded, words_of
from domain.catalog import ProductId
from domain.categories import Category

COUNT = "select count(*) from product"
STRETCH = "select id from product where id > $1 order by id limit $2 for no key update"
DOCUMENT = "select document_products($1)"
AT_ONCE = 500
SHORTEST_WITHIN = 3  # letters from which on suggestions are looked for inside of names too
AFTER_ALL = "\U0010ffff"

# In the order of product_item's arguments; what the list is ordered by follows.
Row = tuple[
    UUID,
    str,
    str,
    int,
    int | None,
    str,
    str | None,
    UUID | None,
    str | None,
    str | None,
    int,
    bool,
    int,
    bool,
    bool,
    int,
    float | None,
    int,
    Any,
]
decode_rows = msgspec.json.Decoder(list[Row]).decode
decode_categories = msgspec.json.Decoder(list[Category]).decode


class PostgresSearchIndex:
    def __init__(self, database: Database, views: PostgresCatalogViews, cursors: Cursors, currency: Currency) -> None:
        self._database = database
        self._views = views
        self._cursors = cursors
        self._currency = currency

    async def search(self, query: Query, page: PageRequest, *, staff: bool = False) -> Found:
        if not query.q.strip():
            return await self._browse(query, page, staff=staff)
        order = f"search {query.ordering} {folded(query.q)}"
        position = self._cursors.open(page.cursor, order) if page.cursor is not None else None
        words = words_of(query.q)
        async with self._database.connection() as connection:
            understood = await understand(connection, words, active=query.filter.is_active) if words else None
        if understood is None:
            return Found([], None, Facets())
        told = finding(query, understood, self._currency, page.size, position, staff=staff)
        facets, rows = await self._run(told, query.filter, staff=staff)
        found = paged(rows, page.size, position, _key, self._cursors, order)
        return Found([product_item(*row[:-1]) for row in found.results], found.next, facets, understood.corrected)

    async def suggest(self, text: str) -> Sequence[Suggestion]:
        words, begin = words_of(text), folded(text)
        if not words:
            return []
        within = " & ".join(Asked(word, "").lexemes("A") for word in words)
        async with self._database.connection() as connection:
            found = await connection.fetch(
                statement("search_suggest"),
                begin,
                begin + AFTER_ALL,
                within if len(begin) >= SHORTEST_WITHIN else "",
                MOST_SUGGESTIONS,
            )
            if not found and (understood := await understand(connection, words)) is not None:
                found = await connection.fetch(
                    statement("search_suggest"),
                    understood.phrase,
                    understood.phrase + AFTER_ALL,
                    understood.query("AB"),
                    MOST_SUGGESTIONS,
                )
        return [Suggestion(*row) for row in found]

    async def refresh(self, products: Sequence[ProductId]) -> None:
        """The schema's triggers have done it, in the transaction of the change."""

    async def rebuild(self, progress: Progress) -> int:
        """In stretches, so that nobody waits long for a product that is being documented."""
        async with self._database.connection() as connection:
            total = await connection.fetchval(COUNT)
        done, last = 0, NO_ID
        while True:
            async with self._database.transaction() as connection:
                ids = [row[0] for row in await connection.fetch(STRETCH, last, AT_ONCE)]
                await connection.execute(DOCUMENT, ids)
            if not ids:
                return done
            done, last = done + len(ids), ids[-1]
            progress(done, max(done, total))

    async def _browse(self, query: Query, page: PageRequest, *, staff: bool) -> Found:
        """Without words it is the list, with facets."""
        ordering = "-popularity" if query.ordering == "relevance" else query.ordering
        wanted = replace(query.filter, search=None, ordering=ordering)
        found = await self._views.products(wanted, page, staff=staff)
        facets, _ = await self._run(counting(wanted, self._currency, staff=staff), wanted, staff=staff)
        return Found(found.results, found.next, facets)

    async def _run(self, told: Statement, wanted: ProductFilter, *, staff: bool) -> tuple[Facets, list[Row]]:
        async with self._database.connection() as connection:
            categories, counted, rows = await only(connection, told.sql, *told.arguments)
        tallies = tallies_of(decode_counted(counted))
        facets = facets_of(tallies, decode_categories(categories), wanted, self._currency, staff=staff)
        return facets, decode_rows(rows)


def _key(row: Row) -> tuple[Any, UUID]:
    return row[-1], row[0]
