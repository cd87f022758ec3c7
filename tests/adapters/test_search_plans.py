"""How PostgreSQL goes about a search: by indexes, never through all products."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from dishka import AsyncContainer

from adapters.postgres.catalog.listing import Listing, listing
from adapters.postgres.database import Database, statement
from adapters.postgres.search.asking import understand
from adapters.postgres.search.finding import Statement, finding
from application.catalog.wishes import ProductFilter
from application.ports import Store
from application.search.index import Query
from application.search.words import words_of
from tests.builders import a_product, usd

PRODUCTS = 3000
TIMES = 6  # from then on PostgreSQL may keep a plan that knows no arguments


@pytest.fixture
async def connection(postgres_container: AsyncContainer) -> AsyncIterator[asyncpg.Connection]:
    store, database = await postgres_container.get(Store), await postgres_container.get(Database)
    products = [
        a_product(f"Thing {n:04} of {'oak' if n % 100 == 0 else 'ash'}", tags=("new",)) for n in range(PRODUCTS)
    ]
    async with store.transaction() as tx:
        await tx.products.save(products)
    async with database.connection() as connection:
        await connection.execute("vacuum analyze")
        yield connection


async def plan_of(connection: asyncpg.Connection, sql: Any, *arguments: object) -> str:
    prepared = await connection.prepare(sql)
    for _ in range(TIMES):
        await prepared.fetch(*arguments)
    return "\n".join(row[0] for row in await connection.fetch(f"explain {sql}", *arguments))


@pytest.mark.parametrize("ordering", ["relevance", "price", "-created_at", "name", "-popularity"])
async def test_a_search_goes_by_indexes(connection: asyncpg.Connection, ordering: str) -> None:
    wanted = ProductFilter(in_stock=False, tags=("new",), min_price=usd("1"), attributes=(("Size", ("S",)),))
    for q, filters in (("oak thing", ProductFilter()), ("oak", wanted), ("thing 0017", ProductFilter(category="home"))):
        words = await understand(connection, words_of(q))
        assert words is not None
        query = Query(q=q, filter=filters, ordering=ordering)  # type: ignore[arg-type]
        plan = await plan_of(connection, *flat(finding(query, words, "USD", 20, None, staff=False)))
        assert "ix_search_document_words" in plan
        assert not {"Seq Scan on product", "Seq Scan on search_document"} & lines(plan), plan


async def test_the_words_of_a_query_go_by_indexes(connection: asyncpg.Connection) -> None:
    plan = await plan_of(connection, statement("search_words"), ["oka", "thing"], ["'oka'", "'thing':*"], True)
    assert "ix_search_document_words" in plan
    assert "Seq Scan on product" not in lines(plan)


async def test_suggestions_go_by_indexes(connection: asyncpg.Connection) -> None:
    plan = await plan_of(connection, statement("search_suggest"), "oak", "oak\U0010ffff", "'oak':*A", 8)
    assert {"ix_search_document_name", "ix_search_document_words"} <= set(plan.replace("\n", " ").split())
    assert not {"Seq Scan on product", "Seq Scan on search_document"} & lines(plan), plan


async def test_the_lists_search_goes_by_an_index(connection: asyncpg.Connection) -> None:
    plan = await plan_of(connection, *flat(listing(ProductFilter(search="0017 of"), 20, None, staff=False)))
    assert "ix_search_document_listed" in plan
    assert not {"Seq Scan on product", "Seq Scan on search_document"} & lines(plan), plan


def flat(told: Listing | Statement) -> tuple[Any, ...]:
    return told.sql, *told.arguments


def lines(plan: str) -> set[str]:
    """What is done in each, without the name that it is done under."""
    return {" ".join(line.replace("->", "").split("  (")[0].split()[:4]) for line in plan.splitlines()}
