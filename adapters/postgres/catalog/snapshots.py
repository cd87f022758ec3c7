"""The whole catalogue at one moment: one transaction that sees nothing of what others change meanwhile."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.catalog.categories import ALL, category_of
from adapters.postgres.catalog.products import PRODUCT
from adapters.postgres.database import Database
from application.exporting.catalog import Stocked
from domain.categories import Category

TOTAL = "select count(*) from product where archived_at is null"
BATCH = f"""select json_build_object('product', {PRODUCT}, 'stock', (
  select coalesce(json_agg(st), '[]') from stock st
  where st.sku = any(case when p.variants_count = 0 then array[p.sku]
    else array(select v.sku from variant v where v.product_id = p.id) end)
))
from product p
where p.archived_at is null and p.id > $1 order by p.id limit $2"""  # noqa: S608 - both texts are ours
BEFORE_ALL = UUID(int=0)

decode = msgspec.json.Decoder(Stocked).decode


@dataclass(frozen=True, slots=True)
class PostgresSnapshot:
    connection: asyncpg.Connection
    total: int
    categories: Sequence[Category]

    async def products(self, at_once: int) -> AsyncIterator[Sequence[Stocked]]:
        last = BEFORE_ALL
        while batch := [decode(row[0]) for row in await self.connection.fetch(BATCH, last, at_once)]:
            yield batch
            last = batch[-1].product.id


@dataclass(frozen=True, slots=True)
class PostgresSnapshots:
    database: Database

    @asynccontextmanager
    async def take(self) -> AsyncIterator[PostgresSnapshot]:
        async with (
            self.database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            categories = [category_of(row) for row in await connection.fetch(ALL)]
            yield PostgresSnapshot(connection, await connection.fetchval(TOTAL), categories)
