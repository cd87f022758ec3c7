"""Everybody's part of the catalogue: lists, details, categories."""

from typing import Annotated

import msgspec
from dishka import FromDishka
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from application.catalog.views import CatalogViews, CategoryView, ProductItem, ProductView, StaffProductView
from application.ports import Currency, PageRequest
from domain.accounts import Actor, Permission, may
from entrypoints.http.access import anybody
from entrypoints.http.catalog.query import Asked
from entrypoints.http.conditions import NOT_MODIFIED, AnyRequest, shown
from entrypoints.http.hot.topics import LIST, PRODUCT
from entrypoints.http.lists import Envelope, envelope

TAGS = ["Catalogue"]
AsTree = Annotated[bool, QueryParameter(description="The topmost ones, each with its children, all on one page.")]


class Featured(msgspec.Struct):
    """At most ten."""

    results: list[ProductItem]


@get("/api/products/products", access=anybody, tags=TAGS, summary="List products", hot=LIST)
async def products(
    asked: NamedDependency[Asked],
    page: NamedDependency[PageRequest],
    who: NamedDependency[Actor],
    request: AnyRequest,
    views: FromDishka[CatalogViews],
    currency: FromDishka[Currency],
) -> Envelope[ProductItem]:
    """Beside the parameters named here, `attr.<name>=<value>` asks for products with such a variant."""
    return envelope(
        await views.products(asked.within(currency), page, staff=may(who, Permission.READ_CATALOG)), request
    )


@get("/api/products/products/featured", access=anybody, tags=TAGS, summary="Featured products", hot=LIST)
async def featured(views: FromDishka[CatalogViews]) -> Featured:
    return Featured(await views.featured())


@get(
    "/api/products/products/{ref:str}",
    access=anybody,
    tags=TAGS,
    summary="A product, by slug or id",
    responses=NOT_MODIFIED,
    hot=PRODUCT,
)
async def product(
    ref: FromPath[str], who: NamedDependency[Actor], request: AnyRequest, views: FromDishka[CatalogViews]
) -> Response[ProductView | StaffProductView]:
    """One that is not active is shown to staff alone."""
    return shown(request, await views.product(ref, staff=may(who, Permission.READ_CATALOG)))


@get("/api/products/categories", access=anybody, tags=TAGS, summary="List categories", hot=LIST)
async def categories(
    page: NamedDependency[PageRequest],
    who: NamedDependency[Actor],
    request: AnyRequest,
    views: FromDishka[CatalogViews],
    tree: AsTree = False,
) -> Envelope[CategoryView]:
    if tree:
        return Envelope(None, None, await views.category_tree(staff=may(who, Permission.READ_CATALOG)))
    return envelope(await views.categories(page, staff=may(who, Permission.READ_CATALOG)), request)


@get(
    "/api/products/categories/{ref:str}",
    access=anybody,
    tags=TAGS,
    summary="A category, by slug or id",
    responses=NOT_MODIFIED,
    hot=LIST,
)
async def category(
    ref: FromPath[str], who: NamedDependency[Actor], request: AnyRequest, views: FromDishka[CatalogViews]
) -> Response[CategoryView]:
    return shown(request, await views.category(ref, staff=may(who, Permission.READ_CATALOG)))


@get(
    "/api/products/categories/{ref:str}/products",
    access=anybody,
    tags=TAGS,
    summary="List a category's products",
    hot=LIST,
)
async def category_products(
    ref: FromPath[str],
    asked: NamedDependency[Asked],
    page: NamedDependency[PageRequest],
    who: NamedDependency[Actor],
    request: AnyRequest,
    views: FromDishka[CatalogViews],
    currency: FromDishka[Currency],
) -> Envelope[ProductItem]:
    """Those of the categories below it count in."""
    wanted = asked.within(currency)
    return envelope(await views.category_products(ref, wanted, page, staff=may(who, Permission.READ_CATALOG)), request)


routes: list[HTTPRouteHandler] = [products, featured, product, categories, category, category_products]
