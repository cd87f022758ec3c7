"""Products on PostgreSQL: read whole as JSON, written many at a time in a constant number of statements."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg
import msgspec

from adapters.postgres.catalog.facets import facets_of
from adapters.postgres.database import statement
from adapters.postgres.unit import Unit
from application.ports import StaleWrite
from domain.catalog import Product, ProductId, ProductNotFound
from domain.categories import CategoryId
from domain.money import Money
from domain.slugs import SlugTaken
from domain.variants import SkuTaken

# The aggregate as msgspec decodes it.
PRODUCT = """json_build_object(
  'id', p.id, 'name', p.name, 'slug', p.slug, 'sku', p.sku, 'description', p.description,
  'price', json_build_object('amount', p.price, 'currency', p.currency),
  'compare_at_price', case when p.compare_at_price is not null
    then json_build_object('amount', p.compare_at_price, 'currency', p.currency) end,
  'cost_per_item', case when p.cost_per_item is not null
    then json_build_object('amount', p.cost_per_item, 'currency', p.currency) end,
  'category', p.category_id, 'tags', p.tags, 'is_active', p.is_active, 'is_featured', p.is_featured,
  'track_inventory', p.track_inventory, 'low_stock_threshold', p.low_stock_threshold,
  'meta_title', p.meta_title, 'meta_description', p.meta_description, 'images', p.images,
  'weight', p.weight, 'tax_class', p.tax_class,
  'rating_average', p.rating_average, 'rating_count', p.rating_count,
  'archived_at', p.archived_at, 'created_at', p.created_at, 'updated_at', p.updated_at, 'version', p.version,
  'variants', (
    select coalesce(json_agg(json_build_object(
      'id', v.id, 'name', v.name, 'sku', v.sku,
      'price', case when v.price is not null
        then json_build_object('amount', v.price, 'currency', p.currency) end,
      'compare_at_price', case when v.compare_at_price is not null
        then json_build_object('amount', v.compare_at_price, 'currency', p.currency) end,
      'attributes', v.attributes, 'is_active', v.is_active, 'weight', v.weight) order by v.position), '[]')
    from variant v where v.product_id = p.id)
)"""
FIND = f"""select coalesce(json_agg({PRODUCT}), '[]') from product p
where p.id = any($1::uuid[]) or p.slug = any($2::text[])"""  # noqa: S608 - both texts are ours
LOCK = "select from product where id = any($1) order by id for no key update"
TAKEN = "select slug from product where slug = $1 or slug ^@ ($1 || '-')"
OWNERS = "select sku, product_id from sku where sku = any($1)"
SOLD = """select id from unnest($1::uuid[]) as asked (id)
where exists (select from purchase_line where product_id = asked.id)"""
COUNT = "select category_id, count(*) from product where is_active and category_id is not null group by category_id"
IN_CATEGORY = "select id from product where category_id = $1 and (archived_at is not null) = $2 order by id"
OF_TAX_CLASS = "select exists (select from product where tax_class = $1)"
REMOVE = """delete from product p using unnest($1::uuid[], $2::bigint[]) as read (id, version)
where p.id = read.id and p.version = read.version"""
NAMED_KEY = re.compile(r"\(sku\)=\((.*)\)")  # of an error's detail, which comes in the server's language

decode = msgspec.json.Decoder(list[Product]).decode


class PostgresProducts:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, id: ProductId) -> Product:
        found = await self.find([id])
        if id not in found:
            raise ProductNotFound
        return found[id]

    async def find(self, ids: Iterable[ProductId]) -> dict[ProductId, Product]:
        return {product.id: product for product in await self._read(list(ids), [])}

    async def find_by_slugs(self, slugs: Iterable[str]) -> dict[str, Product]:
        return {product.slug: product for product in await self._read([], list(slugs))}

    async def take(self, ids: Iterable[ProductId]) -> dict[ProductId, Product]:
        wanted = list(ids)
        await self._unit.connection.execute(LOCK, wanted)
        return await self.find(wanted)

    async def taken_slugs(self, stem: str) -> set[str]:
        return {row[0] for row in await self._unit.connection.fetch(TAKEN, stem)}

    async def owners(self, skus: Iterable[str]) -> dict[str, ProductId]:
        return {row[0]: ProductId(row[1]) for row in await self._unit.connection.fetch(OWNERS, list(skus))}

    async def sold(self, ids: Iterable[ProductId]) -> set[ProductId]:
        return {ProductId(row[0]) for row in await self._unit.connection.fetch(SOLD, list(ids))}

    async def count_by_category(self) -> dict[CategoryId, int]:
        return {CategoryId(row[0]): row[1] for row in await self._unit.connection.fetch(COUNT)}

    async def in_category(self, category: CategoryId, *, archived: bool) -> list[ProductId]:
        return [ProductId(row[0]) for row in await self._unit.connection.fetch(IN_CATEGORY, category, archived)]

    async def are_of_tax_class(self, tax_class: str) -> bool:
        return bool(await self._unit.connection.fetchval(OF_TAX_CLASS, tax_class))

    async def count_sales(self, pieces: Mapping[ProductId, int]) -> None:
        await self._unit.connection.execute(statement("product_count_sales"), list(pieces), list(pieces.values()))

    async def save(self, products: Sequence[Product]) -> None:
        before = [product.version for product in products]
        for product in products:
            self._unit.publish(product, product.id)
        fresh = [product for product, version in zip(products, before, strict=True) if not version]
        known = [(product, version) for product, version in zip(products, before, strict=True) if version]
        with _refusals():
            if fresh:
                await self._unit.connection.execute(statement("product_insert"), _rows(fresh))
            if known:
                await self._update(known)
            if products:
                await self._unit.connection.execute(statement("product_parts"), _skus(products), _variants(products))

    async def remove(self, products: Sequence[Product]) -> None:
        ids, versions = [product.id for product in products], [product.version for product in products]
        for product in products:
            self._unit.publish(product, product.id)
        if await self._unit.connection.execute(REMOVE, ids, versions) != f"DELETE {len(products)}":
            raise StaleWrite

    async def _read(self, ids: list[ProductId], slugs: list[str]) -> list[Product]:
        return decode(await self._unit.connection.fetchval(FIND, ids, slugs))

    async def _update(self, known: list[tuple[Product, int]]) -> None:
        changed = [product for product, _ in known]
        rows, skus = _rows(changed), _skus(changed)
        variants = [variant.id for product in changed for variant in product.variants]
        ids, versions = [product.id for product in changed], [version for _, version in known]
        arguments = (statement("product_update"), rows, ids, versions, skus, variants)
        if await self._unit.connection.execute(*arguments) != f"UPDATE {len(known)}":
            raise StaleWrite


@contextmanager
def _refusals() -> Iterator[None]:
    """Name what a violated constraint means."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "uq_product_slug":
            raise SlugTaken from error
        if error.constraint_name == "pk_sku":
            key = NAMED_KEY.search(error.detail or "")
            raise SkuTaken(key[1] if key else "") from error
        if error.constraint_name == "pk_product":
            raise StaleWrite from error
        raise
    except asyncpg.ForeignKeyViolationError as error:  # its category went meanwhile
        raise StaleWrite from error


def _rows(products: Iterable[Product]) -> str:
    return msgspec.json.encode([_row(product) for product in products]).decode()


def _row(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "name": product.name,
        "slug": product.slug,
        "sku": product.sku,
        "description": product.description,
        "price": product.price.amount,
        "compare_at_price": _amount(product.compare_at_price),
        "cost_per_item": _amount(product.cost_per_item),
        "currency": product.price.currency,
        "category_id": product.category,
        "tags": product.tags,
        "is_active": product.is_active,
        "is_featured": product.is_featured,
        "track_inventory": product.track_inventory,
        "low_stock_threshold": product.low_stock_threshold,
        "meta_title": product.meta_title,
        "meta_description": product.meta_description,
        "images": product.images,
        "primary_image": product.primary_image,
        "variants_count": len(product.variants),
        "rating_average": product.rating_average,
        "rating_count": product.rating_count,
        "weight": product.weight,
        "tax_class": product.tax_class,
        "archived_at": product.archived_at,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
        "facets": facets_of(product),
        "version": product.version,
    }


def _skus(products: Iterable[Product]) -> str:
    """Every SKU that the products hold. With variants, the product's own stays its own."""
    rows = [
        {"sku": sku, "product_id": product.id}
        for product in products
        for sku in dict.fromkeys((product.sku, *product.skus))
    ]
    return msgspec.json.encode(rows).decode()


def _variants(products: Iterable[Product]) -> str:
    rows = [
        {
            "id": variant.id,
            "product_id": product.id,
            "position": position,
            "name": variant.name,
            "sku": variant.sku,
            "price": _amount(variant.price),
            "compare_at_price": _amount(variant.compare_at_price),
            "attributes": variant.attributes,
            "is_active": variant.is_active,
            "weight": variant.weight,
        }
        for product in products
        for position, variant in enumerate(product.variants)
    ]
    return msgspec.json.encode(rows).decode()


def _amount(money: Money | None) -> int | None:
    return None if money is None else money.amount
