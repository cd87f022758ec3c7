"""Shipping zones, tax zones and tax classes on the wire: staff set up what orders are charged beside their goods."""

from uuid import UUID

from dishka import FromDishka
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from application.ports import PageRequest
from application.rates.forms import (
    NewShippingZone,
    NewTaxClass,
    NewTaxZone,
    ShippingZoneChanges,
    TaxZoneChanges,
)
from application.rates.listing import ShowRates
from application.rates.managing import (
    ChangeShippingZone,
    ChangeTaxZone,
    CreateShippingZone,
    CreateTaxClass,
    CreateTaxZone,
    DeleteShippingZone,
    DeleteTaxClass,
    DeleteTaxZone,
)
from application.rates.views import ShippingZoneView, TaxClassView, TaxZoneView
from domain.accounts import Actor, Permission
from domain.rates import ZoneId
from entrypoints.http.access import needs
from entrypoints.http.conditions import AnyRequest
from entrypoints.http.lists import Envelope, envelope

MANAGERS = needs(Permission.WRITE_RATES)
SHIPPING, TAXES = ["Shipping zones"], ["Taxes"]


@get("/api/orders/shipping-zones", access=MANAGERS, tags=SHIPPING, summary="Shipping zones")
async def shipping_zones(
    request: AnyRequest, page: NamedDependency[PageRequest], rates: FromDishka[ShowRates]
) -> Envelope[ShippingZoneView]:
    """By name. While there are none, every order is charged as the settings say."""
    return envelope(await rates.shipping_zones(page), request)


@post("/api/orders/shipping-zones", access=MANAGERS, tags=SHIPPING, summary="Create a shipping zone")
async def create_shipping_zone(
    data: JSONBody[NewShippingZone], who: NamedDependency[Actor], create: FromDishka[CreateShippingZone]
) -> Response[ShippingZoneView]:
    """An address is in the closest zone that has it: by postal code before region before country before the rest of
    the world. One area cannot be in two zones: 409 `zone-overlap`."""
    made = await create(who, data)
    return Response(made, status_code=201, headers={"Location": f"/api/orders/shipping-zones/{made.id}/"})


@get("/api/orders/shipping-zones/{zone_id:uuid}", access=MANAGERS, tags=SHIPPING, summary="A shipping zone")
async def shipping_zone(zone_id: FromPath[UUID], rates: FromDishka[ShowRates]) -> ShippingZoneView:
    return await rates.shipping_zone(ZoneId(zone_id))


@patch("/api/orders/shipping-zones/{zone_id:uuid}", access=MANAGERS, tags=SHIPPING, summary="Change a shipping zone")
async def change_shipping_zone(
    zone_id: FromPath[UUID],
    data: JSONBody[ShippingZoneChanges],
    who: NamedDependency[Actor],
    change: FromDishka[ChangeShippingZone],
) -> ShippingZoneView:
    """Changes the named fields only; the very next order goes by it."""
    return await change(who, ZoneId(zone_id), data)


@delete("/api/orders/shipping-zones/{zone_id:uuid}", access=MANAGERS, tags=SHIPPING, summary="Delete a shipping zone")
async def delete_shipping_zone(
    zone_id: FromPath[UUID], who: NamedDependency[Actor], remove: FromDishka[DeleteShippingZone]
) -> None:
    await remove(who, ZoneId(zone_id))


@get("/api/orders/tax-zones", access=MANAGERS, tags=TAXES, summary="Tax zones")
async def tax_zones(
    request: AnyRequest, page: NamedDependency[PageRequest], rates: FromDishka[ShowRates]
) -> Envelope[TaxZoneView]:
    """By name. While there are none, every order is taxed as the settings say; beyond all of them, nothing is."""
    return envelope(await rates.tax_zones(page), request)


@post("/api/orders/tax-zones", access=MANAGERS, tags=TAXES, summary="Create a tax zone")
async def create_tax_zone(
    data: JSONBody[NewTaxZone], who: NamedDependency[Actor], create: FromDishka[CreateTaxZone]
) -> Response[TaxZoneView]:
    """Areas are as those of shipping zones."""
    made = await create(who, data)
    return Response(made, status_code=201, headers={"Location": f"/api/orders/tax-zones/{made.id}/"})


@get("/api/orders/tax-zones/{zone_id:uuid}", access=MANAGERS, tags=TAXES, summary="A tax zone")
async def tax_zone(zone_id: FromPath[UUID], rates: FromDishka[ShowRates]) -> TaxZoneView:
    return await rates.tax_zone(ZoneId(zone_id))


@patch("/api/orders/tax-zones/{zone_id:uuid}", access=MANAGERS, tags=TAXES, summary="Change a tax zone")
async def change_tax_zone(
    zone_id: FromPath[UUID],
    data: JSONBody[TaxZoneChanges],
    who: NamedDependency[Actor],
    change: FromDishka[ChangeTaxZone],
) -> TaxZoneView:
    """Changes the named fields only, `rates` as a whole; the very next order goes by it."""
    return await change(who, ZoneId(zone_id), data)


@delete("/api/orders/tax-zones/{zone_id:uuid}", access=MANAGERS, tags=TAXES, summary="Delete a tax zone")
async def delete_tax_zone(
    zone_id: FromPath[UUID], who: NamedDependency[Actor], remove: FromDishka[DeleteTaxZone]
) -> None:
    await remove(who, ZoneId(zone_id))


@get("/api/orders/tax-classes", access=MANAGERS, tags=TAXES, summary="Tax classes")
async def tax_classes(
    request: AnyRequest, page: NamedDependency[PageRequest], rates: FromDishka[ShowRates]
) -> Envelope[TaxClassView]:
    """By name. Every shop has `standard` and `exempt`."""
    return envelope(await rates.tax_classes(page), request)


@post("/api/orders/tax-classes", access=MANAGERS, tags=TAXES, summary="Create a tax class")
async def create_tax_class(
    data: JSONBody[NewTaxClass], who: NamedDependency[Actor], create: FromDishka[CreateTaxClass]
) -> TaxClassView:
    """Products name it as their `tax_class`, tax zones have a rate for it."""
    return await create(who, data)


@delete("/api/orders/tax-classes/{code:str}", access=MANAGERS, tags=TAXES, summary="Delete a tax class")
async def delete_tax_class(
    code: FromPath[str], who: NamedDependency[Actor], remove: FromDishka[DeleteTaxClass]
) -> None:
    """409 `tax-class-in-use` while a zone has a rate for it or a product is of it."""
    await remove(who, code)


routes: list[HTTPRouteHandler] = [
    shipping_zones,
    create_shipping_zone,
    shipping_zone,
    change_shipping_zone,
    delete_shipping_zone,
    tax_zones,
    create_tax_zone,
    tax_zone,
    change_tax_zone,
    delete_tax_zone,
    tax_classes,
    create_tax_class,
    delete_tax_class,
]
