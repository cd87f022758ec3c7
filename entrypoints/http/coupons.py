"""Coupons on the wire: staff write them, customers put them into carts."""

from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from application.cart import CartView
from application.ports import PageRequest
from application.promotions import (
    ApplyCoupon,
    ChangeCoupon,
    CouponChanges,
    CouponView,
    CouponViews,
    CreateCoupon,
    DeleteCoupon,
    NewCoupon,
    RemoveCoupon,
)
from domain.accounts import Actor, Permission
from domain.promotions import CouponId
from entrypoints.http.access import needs, shoppers
from entrypoints.http.bodies import Body
from entrypoints.http.conditions import AnyRequest
from entrypoints.http.guests import Shopper
from entrypoints.http.lists import Envelope, envelope

TAGS = ["Coupons"]
MANAGERS = needs(Permission.WRITE_CATALOG)


class Voucher(Body, frozen=True):
    """The case of the code does not matter."""

    code: Annotated[str, Meta(min_length=1, max_length=50)]


@post("/api/orders/cart/apply_coupon", access=shoppers, status_code=200, tags=["Cart"], summary="Put a coupon in")
async def apply(
    data: JSONBody[Voucher], shopper: NamedDependency[Shopper], apply_coupon: FromDishka[ApplyCoupon]
) -> Response[CartView]:
    """It takes the place of one that is there. 409 says why it does not hold: the order would be refused so, too."""
    return shopper.told(await apply_coupon(shopper.who, data.code))


@delete("/api/orders/cart/coupon", access=shoppers, status_code=200, tags=["Cart"], summary="Take the coupon out")
async def remove(shopper: NamedDependency[Shopper], remove_coupon: FromDishka[RemoveCoupon]) -> Response[CartView]:
    return shopper.told(await remove_coupon(shopper.who))


@get("/api/orders/coupons", access=MANAGERS, tags=TAGS, summary="Coupons")
async def list_(
    request: AnyRequest, page: NamedDependency[PageRequest], views: FromDishka[CouponViews]
) -> Envelope[CouponView]:
    """Newest first."""
    return envelope(await views.list(page), request)


@post("/api/orders/coupons", access=MANAGERS, tags=TAGS, summary="Create a coupon")
async def create(
    data: JSONBody[NewCoupon], who: NamedDependency[Actor], create_coupon: FromDishka[CreateCoupon]
) -> Response[CouponView]:
    """`value` is a percentage or an amount, by `kind`; "0" where shipping is free."""
    made = await create_coupon(who, data)
    return Response(made, status_code=201, headers={"Location": f"/api/orders/coupons/{made.id}/"})


@get("/api/orders/coupons/{coupon_id:uuid}", access=MANAGERS, tags=TAGS, summary="A coupon")
async def show(coupon_id: FromPath[UUID], views: FromDishka[CouponViews]) -> CouponView:
    return await views.get(CouponId(coupon_id))


@patch("/api/orders/coupons/{coupon_id:uuid}", access=MANAGERS, tags=TAGS, summary="Change a coupon")
async def change(
    coupon_id: FromPath[UUID],
    data: JSONBody[CouponChanges],
    who: NamedDependency[Actor],
    change_coupon: FromDishka[ChangeCoupon],
) -> CouponView:
    """Changes the named fields only. A limit below what was used already is refused: 409 `coupon-in-use`."""
    return await change_coupon(who, CouponId(coupon_id), data)


@delete("/api/orders/coupons/{coupon_id:uuid}", access=MANAGERS, tags=TAGS, summary="Delete a coupon")
async def delete_(
    coupon_id: FromPath[UUID], who: NamedDependency[Actor], delete_coupon: FromDishka[DeleteCoupon]
) -> None:
    """Orders keep what they got; its code can be given again."""
    await delete_coupon(who, CouponId(coupon_id))


routes: list[HTTPRouteHandler] = [apply, remove, list_, create, show, change, delete_]
