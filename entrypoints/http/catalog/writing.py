"""The catalogue managers' part of the catalogue."""

from dishka import FromDishka
from litestar import Response, delete, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from application.catalog.bulk import BulkChange, BulkOutcomes, ChangeProducts
from application.catalog.changing import ChangeProduct, CreateProduct, DeleteProduct
from application.catalog.inputs import NewProduct, ProductChanges
from application.catalog.views import ProductView, StaffProductView
from domain.accounts import Actor, Permission
from entrypoints.http.access import needs
from entrypoints.http.catalog.reading import TAGS
from entrypoints.http.conditions import AnyRequest, meant_versions, tagged

MANAGERS = needs(Permission.WRITE_CATALOG)


@post("/api/products/products", access=MANAGERS, tags=TAGS, summary="Create a product")
async def create_product(
    data: JSONBody[NewProduct], who: NamedDependency[Actor], create: FromDishka[CreateProduct]
) -> Response[ProductView | StaffProductView]:
    made = await create(who, data)
    return tagged(made, status=201, location=f"/api/products/products/{made.view.slug}/")


@patch("/api/products/products/{ref:str}", access=MANAGERS, tags=TAGS, summary="Change a product")
async def change_product(
    ref: FromPath[str],
    data: JSONBody[ProductChanges],
    who: NamedDependency[Actor],
    request: AnyRequest,
    change: FromDishka[ChangeProduct],
) -> Response[ProductView | StaffProductView]:
    """Changes the named fields only. With `If-Match`, only the version that it names."""
    return tagged(await change(who, ref, data, meant_versions(request)))


@delete("/api/products/products/{ref:str}", access=MANAGERS, tags=TAGS, summary="Delete a product")
async def delete_product(
    ref: FromPath[str], who: NamedDependency[Actor], request: AnyRequest, delete_it: FromDishka[DeleteProduct]
) -> None:
    """One that was ever sold is archived instead."""
    await delete_it(who, ref, meant_versions(request))


@post(
    "/api/products/products/bulk", access=MANAGERS, status_code=200, tags=TAGS, summary="Change many products at once"
)
async def change_products(
    data: JSONBody[BulkChange], who: NamedDependency[Actor], change: FromDishka[ChangeProducts]
) -> BulkOutcomes:
    """Up to 500. What is refused for one changes nothing for the others."""
    return await change(who, data)


routes: list[HTTPRouteHandler] = [create_product, change_product, delete_product, change_products]
