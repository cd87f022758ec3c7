"""The cart on the wire."""

from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody
from msgspec import Meta

from application.cart import AddItem, CartView, ClearCart, ShowCart, UpdateItem
from domain.accounts import Actor
from domain.cart import MAX_QUANTITY, ItemId
from domain.catalog import ProductId
from domain.variants import VariantId
from entrypoints.http.access import signed_in
from entrypoints.http.bodies import Body

TAGS = ["Cart"]

Quantity = Annotated[int, Meta(ge=1, le=MAX_QUANTITY)]
QuantityOrNone = Annotated[int, Meta(ge=0, le=MAX_QUANTITY)]


class NewItem(Body, frozen=True):
    product_id: UUID
    variant_id: UUID | None = None
    quantity: Quantity = 1


class ItemChange(Body, frozen=True):
    """0 removes the item."""

    item_id: UUID
    quantity: QuantityOrNone


class Nothing(Body, frozen=True):
    """A body with nothing to say."""


@get("/api/orders/cart", access=signed_in, tags=TAGS, summary="My cart")
async def show(who: NamedDependency[Actor], show_cart: FromDishka[ShowCart]) -> CartView:
    return await show_cart(who)


@post("/api/orders/cart/add_item", access=signed_in, status_code=200, tags=TAGS, summary="Put into the cart")
async def add(data: JSONBody[NewItem], who: NamedDependency[Actor], add_item: FromDishka[AddItem]) -> CartView:
    variant = VariantId(data.variant_id) if data.variant_id else None
    return await add_item(who, (ProductId(data.product_id), variant), data.quantity)


@patch("/api/orders/cart/update_item", access=signed_in, tags=TAGS, summary="Change how many")
async def update(
    data: JSONBody[ItemChange], who: NamedDependency[Actor], update_item: FromDishka[UpdateItem]
) -> CartView:
    return await update_item(who, ItemId(data.item_id), data.quantity)


@delete("/api/orders/cart/remove_item", access=signed_in, status_code=200, tags=TAGS, summary="Take out of the cart")
async def remove(
    item_id: FromQuery[UUID], who: NamedDependency[Actor], update_item: FromDishka[UpdateItem]
) -> CartView:
    return await update_item(who, ItemId(item_id), 0)


@post("/api/orders/cart/clear", access=signed_in, status_code=200, tags=TAGS, summary="Empty the cart")
async def clear(data: JSONBody[Nothing], who: NamedDependency[Actor], clear_cart: FromDishka[ClearCart]) -> CartView:
    return await clear_cart(who)


routes: list[HTTPRouteHandler] = [show, add, update, remove, clear]
