"""Coupons in memory. Checkout counts their uses."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from adapters.memory.paging import made_at, newest_first
from adapters.memory.tables import MemoryDatabase, MemoryUnit, twin
from application.paging import Cursors, paged
from application.ports import Page, PageRequest
from application.promotions import CouponView, coupon_view
from domain.ordering import OrderId
from domain.promotions import Coupon, CouponCodeTaken, CouponId, CouponNotFound, CouponUse, CustomerKey

ORDER = "coupons"


@dataclass(frozen=True, slots=True)
class MemoryCoupons:
    unit: MemoryUnit

    async def find_by_code(self, code: str) -> Coupon | None:
        open_ones = (each for each in self.unit.tables.coupons.values() if each.archived_at is None)
        return twin(next((each for each in open_ones if each.code == code), None))

    async def take(self, id: CouponId) -> Coupon:
        coupon = self.unit.tables.coupons.get(id)
        if coupon is None or coupon.archived_at is not None:
            raise CouponNotFound
        return twin(coupon)

    async def most_uses(self, id: CouponId) -> int:
        uses = Counter(use.customer for use in self.unit.tables.coupon_uses.values() if use.coupon == id)
        return max(uses.values(), default=0)

    async def save(self, coupon: Coupon) -> None:
        kept = self.unit.tables.coupons.get(coupon.id)
        self.unit.guard(kept, coupon)
        namesake = await self.find_by_code(coupon.code)
        if coupon.archived_at is None and namesake is not None and namesake.id != coupon.id:
            raise CouponCodeTaken
        self.unit.publish(coupon, coupon.id)
        changed = twin(coupon)
        changed.used = kept.used if kept else 0
        self.unit.tables.coupons[coupon.id] = changed

    async def uses(self, id: CouponId, customer: CustomerKey) -> frozenset[int]:
        kept = self.unit.tables.coupon_uses.values()
        return frozenset(use.n for use in kept if (use.coupon, use.customer) == (id, customer))

    async def use(self, order: UUID, use: CouponUse) -> None:
        coupon = twin(self.unit.tables.coupons[use.coupon])
        coupon.used += 1
        self.unit.tables.coupons[coupon.id] = coupon
        self.unit.tables.coupon_uses[OrderId(order)] = use

    async def give_back(self, order: UUID) -> None:
        use = self.unit.tables.coupon_uses.pop(OrderId(order), None)
        if use is not None:
            coupon = twin(self.unit.tables.coupons[use.coupon])
            coupon.used -= 1
            self.unit.tables.coupons[use.coupon] = coupon


@dataclass(frozen=True, slots=True)
class MemoryCouponViews:
    database: MemoryDatabase
    cursors: Cursors

    async def get(self, id: CouponId) -> CouponView:
        coupon = self.database.tables.coupons.get(id)
        if coupon is None or coupon.archived_at is not None:
            raise CouponNotFound
        return coupon_view(coupon)

    async def list(self, page: PageRequest) -> Page[CouponView]:
        position = self.cursors.open(page.cursor, ORDER) if page.cursor else None
        kept = [coupon_view(each) for each in self.database.tables.coupons.values() if each.archived_at is None]
        rows = newest_first(kept, position)
        return paged(rows[: page.size + 1], page.size, position, made_at, self.cursors, ORDER)
