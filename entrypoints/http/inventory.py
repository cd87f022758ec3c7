"""Stock on the wire, for the catalogue's managers."""

from typing import Annotated

import msgspec
from dishka import FromDishka
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from application.inventory import (
    AdjustManyStocks,
    AdjustStock,
    AllowBackorders,
    Corrected,
    Correction,
    MovementView,
    StockView,
    StockViews,
)
from application.ports import PageRequest
from domain.accounts import Actor, Permission
from domain.inventory import Sku
from entrypoints.http.access import needs
from entrypoints.http.bodies import Body
from entrypoints.http.conditions import AnyRequest
from entrypoints.http.lists import Envelope, envelope

TAGS = ["Inventory"]
READERS, MANAGERS = needs(Permission.READ_STOCK), needs(Permission.WRITE_STOCK)
MOST = 1_000_000_000

Low = Annotated[bool | None, QueryParameter(description="Only what is at its threshold or below, or only the rest.")]
Counted = Annotated[int, Meta(ge=0, le=MOST)]
Difference = Annotated[int, Meta(ge=-MOST, le=MOST)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class NewCorrection(Body, frozen=True):
    """Either `delta` or `on_hand`."""

    reason: Reason
    delta: Difference | None = None
    on_hand: Counted | None = None


class NamedCorrection(NewCorrection, frozen=True, kw_only=True):
    sku: Annotated[str, Meta(min_length=1, max_length=100)]


class Corrections(Body, frozen=True):
    items: Annotated[list[NamedCorrection], Meta(min_length=1, max_length=500)]


class CorrectedList(msgspec.Struct):
    results: list[Corrected]


class StockRules(Body, frozen=True):
    """So many may be sold that are not there yet."""

    backorder_limit: Counted


@get("/api/inventory", access=READERS, tags=TAGS, summary="Stock")
async def list_(
    request: AnyRequest, page: NamedDependency[PageRequest], views: FromDishka[StockViews], low_stock: Low = None
) -> Envelope[StockView]:
    return envelope(await views.list(page, low=low_stock), request)


@get("/api/inventory/{sku:str}", access=READERS, tags=TAGS, summary="Stock of a SKU")
async def show(sku: FromPath[str], views: FromDishka[StockViews]) -> StockView:
    return await views.get(Sku(sku))


@patch("/api/inventory/{sku:str}", access=MANAGERS, tags=TAGS, summary="Allow backorders of a SKU")
async def allow(
    sku: FromPath[str],
    data: JSONBody[StockRules],
    who: NamedDependency[Actor],
    allow_backorders: FromDishka[AllowBackorders],
) -> StockView:
    return await allow_backorders(who, Sku(sku), data.backorder_limit)


@post("/api/inventory/{sku:str}/adjust", access=MANAGERS, status_code=200, tags=TAGS, summary="Correct a SKU's stock")
async def adjust(
    sku: FromPath[str],
    data: JSONBody[NewCorrection],
    who: NamedDependency[Actor],
    adjust_stock: FromDishka[AdjustStock],
) -> StockView:
    """By a difference, or to what was counted; 409 `below-reserved` where orders hold more."""
    return await adjust_stock(who, _correction(sku, data))


@get("/api/inventory/{sku:str}/movements", access=READERS, tags=TAGS, summary="Movements of a SKU's stock")
async def movements(
    sku: FromPath[str], request: AnyRequest, page: NamedDependency[PageRequest], views: FromDishka[StockViews]
) -> Envelope[MovementView]:
    return envelope(await views.movements(Sku(sku), page), request)


@post("/api/inventory/bulk", access=MANAGERS, status_code=200, tags=TAGS, summary="Correct many SKUs' stock")
async def adjust_many(
    data: JSONBody[Corrections], who: NamedDependency[Actor], adjust_stocks: FromDishka[AdjustManyStocks]
) -> CorrectedList:
    """Each for itself: what is refused does not keep the others from being done."""
    return CorrectedList(await adjust_stocks(who, [_correction(item.sku, item) for item in data.items]))


def _correction(sku: str, data: NewCorrection) -> Correction:
    return Correction(sku=Sku(sku), delta=data.delta, on_hand=data.on_hand, reason=data.reason)


routes: list[HTTPRouteHandler] = [list_, show, allow, adjust, movements, adjust_many]
