"""The cart on the wire."""

from typing import Annotated
from uuid import UUID

from dishka import FromDishka
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody
from msgspec import Meta

from application.cart import AddItem, CartView, ClearCart, ShowCart, UpdateItem
from domain.cart import MAX_QUANTITY, ItemId
from domain.catalog import ProductId
from domain.variants import VariantId
from entrypoints.http.access import shoppers
from entrypoints.http.bodies import Body
from entrypoints.http.guests import TOLD, Shopper

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


@get("/api/orders/cart", access=shoppers, tags=TAGS, summary="My cart", response_headers=TOLD)
async def show(shopper: NamedDependency[Shopper], show_cart: FromDishka[ShowCart]) -> Response[CartView]:
    return shopper.told(await show_cart(shopper.who))


@post("/api/orders/cart/add_item", access=shoppers, status_code=200, tags=TAGS, summary="Put into the cart")
async def add(
    data: JSONBody[NewItem], shopper: NamedDependency[Shopper], add_item: FromDishka[AddItem]
) -> Response[CartView]:
    variant = VariantId(data.variant_id) if data.variant_id else None
    return shopper.told(await add_item(shopper.who, (ProductId(data.product_id), variant), data.quantity))


@patch("/api/orders/cart/update_item", access=shoppers, tags=TAGS, summary="Change how many")
async def update(
    data: JSONBody[ItemChange], shopper: NamedDependency[Shopper], update_item: FromDishka[UpdateItem]
) -> Response[CartView]:
    return shopper.told(await update_item(shopper.who, ItemId(data.item_id), data.quantity))


@delete("/api/orders/cart/remove_item", access=shoppers, status_code=200, tags=TAGS, summary="Take out of the cart")
async def remove(
    item_id: FromQuery[UUID], shopper: NamedDependency[Shopper], update_item: FromDishka[UpdateItem]
) -> Response[CartView]:
    return shopper.told(await update_item(shopper.who, ItemId(item_id), 0))


@post("/api/orders/cart/clear", access=shoppers, status_code=200, tags=TAGS, summary="Empty the cart")
async def clear(
    data: JSONBody[Nothing], shopper: NamedDependency[Shopper], clear_cart: FromDishka[ClearCart]
) -> Response[CartView]:
    return shopper.told(await clear_cart(shopper.who))


routes: list[HTTPRouteHandler] = [show, add, update, remove, clear]
