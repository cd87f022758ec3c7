"""Coupons: written by staff, put into carts by customers."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from application.cart import CartView, ChangeCart, cart_view
from application.money import AmountOrNull, read_amount, read_optional_amount
from application.ports import Clock, Currency, NewId, Page, PageRequest, Store, Transaction
from domain.accounts import Actor, Permission, must
from domain.catalog import ProductId
from domain.categories import CategoryId
from domain.errors import Conflict, InvalidField
from domain.money import written
from domain.promotions import (
    Coupon,
    CouponId,
    CouponNotApplicable,
    CouponNotFound,
    Kind,
    normal_code,
)

PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)

Code = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$(?!\n)")]
Value = Annotated[str, Meta(max_length=20, description='Per cent such as "10" or "12.5", or an amount such as "5.00".')]
Limit = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]
Ids = Annotated[list[UUID], Meta(max_length=500)]


class CouponInUse(Conflict):
    """It was used more often already than the new limit allows."""

    code = "coupon-in-use"


class CouponView(msgspec.Struct, frozen=True):
    id: UUID
    code: str
    kind: Kind
    value: str
    currency: str
    min_subtotal: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    usage_limit: int | None
    per_customer_limit: int | None
    categories: list[UUID]
    products: list[UUID]
    used: int
    created_at: datetime


class CouponChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is not named stays as it is."""

    code: Code | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    value: Value | UnsetType = UNSET
    min_subtotal: AmountOrNull | UnsetType = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    ends_at: Moment | UnsetType | None = UNSET
    usage_limit: Limit | UnsetType | None = UNSET
    per_customer_limit: Limit | UnsetType | None = UNSET
    categories: Ids | UnsetType = UNSET
    products: Ids | UnsetType = UNSET


class NewCoupon(CouponChanges, forbid_unknown_fields=True, kw_only=True):
    """Of the limits, the window and what it is for, what is not named does not bind."""

    code: Code
    kind: Kind
    value: Value


class CouponViews(Protocol):
    """Reads coupons for looking at; those that were deleted are not there."""

    async def get(self, id: CouponId) -> CouponView: ...

    async def list(self, page: PageRequest) -> Page[CouponView]:
        """Newest first."""
        ...


def coupon_view(coupon: Coupon) -> CouponView:
    return CouponView(
        coupon.id,
        coupon.code,
        coupon.kind,
        _percent(coupon.value) if coupon.kind is Kind.PERCENT else written(coupon.value, coupon.currency),
        coupon.currency,
        str(coupon.min_subtotal) if coupon.min_subtotal else None,
        coupon.starts_at,
        coupon.ends_at,
        coupon.usage_limit,
        coupon.per_customer_limit,
        sorted(coupon.categories),
        sorted(coupon.products),
        coupon.used,
        coupon.created_at,
    )


def _percent(hundredths: int) -> str:
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02}".rstrip("0") if part else str(whole)


def read_value(text: str, kind: Kind, currency: str) -> int:
    """Raises InvalidField."""
    if kind is not Kind.PERCENT:
        return read_amount(msgspec.Raw(msgspec.json.encode(text)), currency, "/value").amount
    match = PERCENT.fullmatch(text)
    if match is None:
        raise InvalidField("/value", "invalid-format", 'must be a percentage such as "10" or "12.5"')
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


async def _terms(tx: Transaction, form: CouponChanges, kind: Kind, currency: str) -> dict[str, Any]:
    """What the form says of a coupon of that kind. Raises InvalidField for what is not there to be named."""
    named = ("kind", "starts_at", "ends_at", "usage_limit", "per_customer_limit")
    terms = {name: given for name in named if (given := getattr(form, name)) is not UNSET}
    if form.code is not UNSET:
        terms["code"] = normal_code(form.code)
    if form.value is not UNSET:
        terms["value"] = read_value(form.value, kind, currency)
    if form.min_subtotal is not UNSET:
        terms["min_subtotal"] = read_optional_amount(form.min_subtotal, currency, "/min_subtotal")
    if form.categories is not UNSET:
        terms["categories"] = categories = frozenset(map(CategoryId, form.categories))
        _must_exist(categories - {one.id for one in await tx.categories.all()}, "/categories")
    if form.products is not UNSET:
        terms["products"] = products = frozenset(map(ProductId, form.products))
        _must_exist(products - (await tx.products.find(products)).keys(), "/products")
    return terms


def _must_exist(missing: Any, pointer: str) -> None:
    if missing:
        raise InvalidField(pointer, "invalid-choice", f"there is no {min(missing)}")


@dataclass(frozen=True, slots=True)
class CreateCoupon:
    store: Store
    clock: Clock
    new_id: NewId
    currency: Currency

    async def __call__(self, who: Actor, form: NewCoupon) -> CouponView:
        """Raises InvalidField or CouponCodeTaken."""
        must(who, Permission.WRITE_CATALOG)
        async with self.store.transaction() as tx:
            terms = await _terms(tx, form, form.kind, self.currency)
            coupon = Coupon.create(id=CouponId(self.new_id()), currency=self.currency, at=self.clock(), **terms)
            await tx.coupons.save(coupon)
        return coupon_view(coupon)


@dataclass(frozen=True, slots=True)
class ChangeCoupon:
    """Orders that were placed keep what they got."""

    store: Store
    clock: Clock

    async def __call__(self, who: Actor, id: CouponId, form: CouponChanges) -> CouponView:
        """Raises CouponNotFound, InvalidField, CouponCodeTaken or CouponInUse."""
        must(who, Permission.WRITE_CATALOG)
        async with self.store.transaction() as tx:
            coupon = await tx.coupons.take(id)
            kind = coupon.kind if form.kind is UNSET else form.kind
            if kind is not coupon.kind and form.value is UNSET:
                raise InvalidField("/value", "required", "is required with another kind")
            coupon.change(self.clock(), **await _terms(tx, form, kind, coupon.currency))
            if coupon.usage_limit is not None and coupon.used > coupon.usage_limit:
                raise CouponInUse
            limit = coupon.per_customer_limit
            if limit is not None and await tx.coupons.most_uses(id) > limit:
                raise CouponInUse
            await tx.coupons.save(coupon)
        return coupon_view(coupon)


@dataclass(frozen=True, slots=True)
class DeleteCoupon:
    """Nobody can use it any more, and its code is free; orders keep what they got. Raises CouponNotFound."""

    store: Store
    clock: Clock

    async def __call__(self, who: Actor, id: CouponId) -> None:
        must(who, Permission.WRITE_CATALOG)
        async with self.store.transaction() as tx:
            coupon = await tx.coupons.take(id)
            coupon.archive(self.clock())
            await tx.coupons.save(coupon)


@dataclass(frozen=True, slots=True)
class ApplyCoupon:
    """One coupon per cart: the latest takes the place of the one before."""

    store: Store
    clock: Clock
    currency: Currency

    async def __call__(self, who: Actor, code: str) -> CartView:
        """Raises CouponNotFound, CouponExpired, CouponExhausted or CouponNotApplicable."""
        owner, now = who.must_own(), self.clock()
        async with self.store.transaction() as tx:
            basket = await tx.carts.take_of(owner)
            coupon = await tx.coupons.find_by_code(normal_code(code))
            if coupon is None:
                raise CouponNotFound
            if basket is None:
                raise CouponNotApplicable
            basket.cart.carry(coupon.id, now)
            await tx.carts.save(basket.cart)
            basket = await tx.carts.find_of(owner) or basket
            basket.relief(now)
        return cart_view(basket, self.currency, now)


@dataclass(frozen=True, slots=True)
class RemoveCoupon:
    change: ChangeCart

    async def __call__(self, who: Actor) -> CartView:
        return await self.change(who, lambda basket, now: basket.remove_coupon(now))
