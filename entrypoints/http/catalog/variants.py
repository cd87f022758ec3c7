"""A product's variants, one by one."""

from uuid import UUID

from dishka import FromDishka
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from application.catalog.inputs import VariantChanges, VariantInput
from application.catalog.showing import shown_variant
from application.catalog.varying import AddVariant, ChangeVariant, RemoveVariant
from application.catalog.views import CatalogViews, VariantView
from domain.accounts import Actor, Permission, may
from domain.variants import VariantId
from entrypoints.http.access import anybody
from entrypoints.http.catalog.reading import TAGS
from entrypoints.http.catalog.writing import MANAGERS
from entrypoints.http.conditions import NOT_MODIFIED, AnyRequest, meant_versions, shown, tagged
from entrypoints.http.lists import Envelope

ALL = "/api/products/products/{ref:str}/variants"
ONE = f"{ALL}/{{variant:uuid}}"


@get(ALL, access=anybody, tags=TAGS, summary="List a product's variants")
async def variants(
    ref: FromPath[str], who: NamedDependency[Actor], views: FromDishka[CatalogViews]
) -> Envelope[VariantView]:
    """All on one page. Those that are not active are shown to staff alone."""
    found = await views.product(ref, staff=may(who, Permission.READ_CATALOG))
    return Envelope(None, None, list(found.view.variants))


@get(ONE, access=anybody, tags=TAGS, summary="A variant", responses=NOT_MODIFIED)
async def one_variant(
    ref: FromPath[str],
    variant: FromPath[UUID],
    who: NamedDependency[Actor],
    request: AnyRequest,
    views: FromDishka[CatalogViews],
) -> Response[VariantView]:
    found = await views.product(ref, staff=may(who, Permission.READ_CATALOG))
    return shown(request, shown_variant(found, VariantId(variant)))


@post(ALL, access=MANAGERS, tags=TAGS, summary="Add a variant")
async def add_variant(
    ref: FromPath[str],
    data: JSONBody[VariantInput],
    who: NamedDependency[Actor],
    request: AnyRequest,
    add: FromDishka[AddVariant],
) -> Response[VariantView]:
    """With the first one, the product itself is sold no longer: its stock goes to the variant unless one is named."""
    made = await add(who, ref, data, meant_versions(request))
    return tagged(made, status=201, location=f"/api/products/products/{ref}/variants/{made.view.id}/")


@patch(ONE, access=MANAGERS, tags=TAGS, summary="Change a variant")
async def change_variant(
    ref: FromPath[str],
    variant: FromPath[UUID],
    data: JSONBody[VariantChanges],
    who: NamedDependency[Actor],
    request: AnyRequest,
    change: FromDishka[ChangeVariant],
) -> Response[VariantView]:
    """Changes the named fields only. With `If-Match`, only in the version of its product that it names."""
    return tagged(await change(who, ref, VariantId(variant), data, meant_versions(request)))


@delete(ONE, access=MANAGERS, tags=TAGS, summary="Remove a variant")
async def remove_variant(
    ref: FromPath[str],
    variant: FromPath[UUID],
    who: NamedDependency[Actor],
    request: AnyRequest,
    remove: FromDishka[RemoveVariant],
) -> None:
    """Orders keep what they bought. After the last one, the product itself is sold, with a stock of its own."""
    await remove(who, ref, VariantId(variant), meant_versions(request))


routes: list[HTTPRouteHandler] = [variants, one_variant, add_variant, change_variant, remove_variant]
