"""Coupons on PostgreSQL. Checkout counts their uses, in its own statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from adapters.postgres.database import Database, statement
from adapters.postgres.unit import Unit, guarded
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from application.promotions import CouponView, coupon_view
from domain.promotions import Coupon, CouponCodeTaken, CouponId, CouponNotFound, CouponUse, CustomerKey

READ = "select /*coupon*/ from coupon k where k.archived_at is null".replace("/*coupon*/", statement("coupon"))
BY_CODE = f"{READ} and k.code = $1"
BY_ID = f"{READ} and k.id = $1"
LOCKED = f"{BY_ID} for no key update"
MOST_USES = """
select coalesce(max(uses), 0) from (select count(*) as uses from coupon_use where coupon_id = $1 group by customer) u
"""
USES = "select n from coupon_use where coupon_id = $1 and customer = $2"
USE = """
with counted as (update coupon set used = used + 1 where id = $2)
insert into coupon_use (purchase_id, coupon_id, customer, n) values ($1, $2, $3, $4)
"""
INSERT = """
insert into coupon (code, kind, value, currency, min_subtotal, starts_at, ends_at, usage_limit, per_customer_limit,
    categories, products, archived_at, id, created_at, used, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15)
"""
UPDATE = """
update coupon set code = $1, kind = $2, value = $3, currency = $4, min_subtotal = $5, starts_at = $6, ends_at = $7,
    usage_limit = $8, per_customer_limit = $9, categories = $10, products = $11, archived_at = $12,
    version = $15
where id = $13 and version = $14
"""
COUPON: Final = msgspec.json.Decoder(Coupon)


@dataclass(frozen=True, slots=True)
class PostgresCoupons:
    unit: Unit

    async def find_by_code(self, code: str) -> Coupon | None:
        row = await self.unit.connection.fetchval(BY_CODE, code)
        return COUPON.decode(row) if row else None

    async def take(self, id: CouponId) -> Coupon:
        row = await self.unit.connection.fetchval(LOCKED, id)
        if row is None:
            raise CouponNotFound
        return COUPON.decode(row)

    async def most_uses(self, id: CouponId) -> int:
        return int(await self.unit.connection.fetchval(MOST_USES, id))

    async def save(self, coupon: Coupon) -> None:
        before = coupon.version
        self.unit.publish(coupon, coupon.id)
        terms = (*_terms(coupon), coupon.id)
        try:
            if before:
                guarded(await self.unit.connection.execute(UPDATE, *terms, before, coupon.version))
            else:
                await self.unit.connection.execute(INSERT, *terms, coupon.created_at, coupon.version)
        except asyncpg.UniqueViolationError as error:
            raise CouponCodeTaken from error

    async def uses(self, id: CouponId, customer: CustomerKey) -> frozenset[int]:
        return frozenset(row["n"] for row in await self.unit.connection.fetch(USES, id, customer))

    async def use(self, order: UUID, use: CouponUse) -> None:
        await self.unit.connection.execute(USE, order, use.coupon, use.customer, use.n)

    async def give_back(self, order: UUID) -> None:
        await self.unit.connection.execute(statement("coupon_give_back"), order)


def _terms(coupon: Coupon) -> tuple[object, ...]:
    return (
        coupon.code,
        coupon.kind,
        coupon.value,
        coupon.currency,
        coupon.min_subtotal.amount if coupon.min_subtotal else None,
        coupon.starts_at,
        coupon.ends_at,
        coupon.usage_limit,
        coupon.per_customer_limit,
        sorted(coupon.categories),
        sorted(coupon.products),
        coupon.archived_at,
    )


LIST = (
    READ
    + """
  and ($1::timestamptz is null or (k.created_at, k.id) {beyond} ($1, $2::uuid))
order by k.created_at {way}, k.id {way} limit $3
"""
)
ORDER = "coupons"
OLDER = LIST.format(beyond="<", way="desc")
NEWER = LIST.format(beyond=">", way="asc")


@dataclass(frozen=True, slots=True)
class PostgresCouponViews:
    database: Database
    cursors: Cursors

    async def get(self, id: CouponId) -> CouponView:
        async with self.database.connection() as connection:
            row = await connection.fetchval(BY_ID, id)
        if row is None:
            raise CouponNotFound
        return coupon_view(COUPON.decode(row))

    async def list(self, page: PageRequest) -> Page[CouponView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        at, last = (datetime.fromisoformat(position.values[0]), UUID(position.values[1])) if position else (None, None)
        query = NEWER if position and position.way == "previous" else OLDER
        async with self.database.connection() as connection:
            rows = await connection.fetch(query, at, last, page.size + 1)
        found = [coupon_view(COUPON.decode(row[0])) for row in rows]
        return paged(found, page.size, position, lambda view: (view.created_at, view.id), self.cursors, ORDER)
