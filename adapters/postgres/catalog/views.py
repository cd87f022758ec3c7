"""The catalogue's views on PostgreSQL: one statement each, rows straight into Structs."""

from dataclasses import replace

import msgspec

from adapters.postgres.catalog.categories import category_of
from adapters.postgres.catalog.listing import COLUMNS, NO_ID, SOURCES, key, listing
from adapters.postgres.catalog.products import PRODUCT
from adapters.postgres.database import Database
from application.catalog.showing import (
    as_tree,
    category_views,
    named_category,
    page_of_categories,
    product_item,
    product_view,
)
from application.catalog.views import CategoryView, ProductItem, ProductView, Versioned
from application.catalog.wishes import ProductFilter, id_of
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from domain.catalog import Product, ProductNotFound
from domain.categories import Category
from domain.inventory import Shelf, StockItem

FEATURED = (
    f"select {COLUMNS}\n{SOURCES}\nwhere p.is_active and p.is_featured order by p.created_at desc, p.id desc limit 10"
)
DETAIL = f"""select {PRODUCT}, (
  select coalesce(json_agg(st), '[]') from stock st
  where st.sku = any(case when p.variants_count = 0 then array[p.sku]
    else array(select v.sku from variant v where v.product_id = p.id) end)
), (
  with recursive path as (
    select c.*, 1 as depth from category c where c.id = p.category_id
    union all
    select c.*, depth + 1 from category c join path on c.id = path.parent_id where depth < 100
  )
  select coalesce(json_agg(
    json_build_object('id', id, 'name', name, 'slug', slug, 'version', version) order by depth desc), '[]')
  from path
)
from product p
where (p.slug = $1 or p.id = $2) and (p.is_active or $3)"""  # noqa: S608 - both texts are ours
CATEGORIES = """select c.id, c.name, c.slug, c.description, c.parent_id, c.is_active, c.version,
  coalesce(held.products, 0)
from category c
left join (
  select category_id, count(*) as products from product where is_active group by category_id
) held on held.category_id = c.id"""


PRODUCT_JSON = msgspec.json.Decoder(Product)
STOCK_JSON = msgspec.json.Decoder(list[StockItem])
PATH_JSON = msgspec.json.Decoder(list[Category])


class PostgresCatalogViews:
    def __init__(self, database: Database, cursors: Cursors) -> None:
        self._database = database
        self._cursors = cursors

    async def products(self, wanted: ProductFilter, page: PageRequest, *, staff: bool = False) -> Page[ProductItem]:
        order = f"products by {wanted.ordering}"  # named anew when the keys in its cursors changed
        position = self._cursors.open(page.cursor, order) if page.cursor is not None else None
        sql, arguments = listing(wanted, page.size, position, staff=staff)
        async with self._database.connection() as connection:
            rows = await connection.fetch(sql, *arguments)
        found = paged(rows, page.size, position, key, self._cursors, order)
        return Page([product_item(*row[:-1]) for row in found.results], found.next, found.previous)

    async def category_products(
        self, category: str, wanted: ProductFilter, page: PageRequest, *, staff: bool = False
    ) -> Page[ProductItem]:
        found = await self.products(replace(wanted, category=category), page, staff=staff)
        if not found.results:
            await self.category(category, staff=staff)
        return found

    async def featured(self) -> list[ProductItem]:
        async with self._database.connection() as connection:
            return [product_item(*row) for row in await connection.fetch(FEATURED)]

    async def product(self, ref: str, *, staff: bool = False) -> Versioned[ProductView]:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(DETAIL, ref, id_of(ref) or NO_ID, staff)
        if row is None:
            raise ProductNotFound
        product, stock, path = PRODUCT_JSON.decode(row[0]), STOCK_JSON.decode(row[1]), PATH_JSON.decode(row[2])
        return product_view(product, path, Shelf({item.sku: item for item in stock}), staff=staff)

    async def categories(self, page: PageRequest, *, staff: bool = False) -> Page[CategoryView]:
        return page_of_categories([one.view for one in await self._categories(staff=staff)], page, self._cursors)

    async def category_tree(self, *, staff: bool = False) -> list[CategoryView]:
        return as_tree([one.view for one in await self._categories(staff=staff)])

    async def category(self, ref: str, *, staff: bool = False) -> Versioned[CategoryView]:
        return named_category(await self._categories(staff=staff), ref)

    async def _categories(self, *, staff: bool) -> list[Versioned[CategoryView]]:
        async with self._database.connection() as connection:
            rows = await connection.fetch(CATEGORIES)
        return category_views([category_of(row) for row in rows], {row[0]: row[-1] for row in rows}, staff=staff)
