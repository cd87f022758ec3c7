"""The catalogue on PostgreSQL as documents, one statement each."""

# ruff: noqa: S608 - all texts are ours

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.catalog.listing import COLUMNS, SOURCES
from adapters.postgres.catalog.products import PRODUCT
from adapters.postgres.database import Database
from application.catalog.showing import product_item
from application.catalog.views import ProductItem
from application.search.documents import document_of
from application.search.index import Document
from domain.catalog import Product, ProductId

SELECT = f"""select {PRODUCT}, p.in_stock, p.popularity, (
  with recursive path as (
    select name, parent_id, 1 as depth from category where id = p.category_id
    union all
    select c.name, c.parent_id, depth + 1 from category c join path on c.id = path.parent_id where depth < 100
  )
  select coalesce(array_agg(name order by depth desc), array[]::text[]) from path
)
from product p"""
OF = f"{SELECT}\nwhere p.id = any($1) order by p.id"
AFTER = f"{SELECT}\nwhere p.id > $1 order by p.id limit $2"
ITEMS = f"select {COLUMNS}\n{SOURCES}\nwhere p.id = any($1)"
COUNT = "select count(*) from product"
BEFORE_ALL = UUID(int=0)

decode = msgspec.json.Decoder(Product).decode


class PostgresDocuments:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, products: Sequence[ProductId]) -> Sequence[Document]:
        async with self._database.connection() as connection:
            return [_document(row) for row in await connection.fetch(OF, products)]

    async def after(self, product: ProductId | None, limit: int) -> Sequence[Document]:
        async with self._database.connection() as connection:
            return [_document(row) for row in await connection.fetch(AFTER, product or BEFORE_ALL, limit)]

    async def count(self) -> int:
        async with self._database.connection() as connection:
            return int(await connection.fetchval(COUNT))

    async def items(self, products: Sequence[ProductId]) -> dict[ProductId, ProductItem]:
        async with self._database.connection() as connection:
            return {row[0]: product_item(*row) for row in await connection.fetch(ITEMS, products)}


def _document(row: asyncpg.Record) -> Document:
    told, in_stock, popularity, names = row
    return document_of(decode(told), names, in_stock=in_stock, popularity=popularity)
