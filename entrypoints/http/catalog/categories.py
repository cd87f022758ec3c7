"""The catalogue managers' part of the tree of categories."""

from dishka import FromDishka
from litestar import Response, delete, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from application.catalog.categorising import (
    CategoryChanges,
    ChangeCategory,
    CreateCategory,
    DeleteCategory,
    NewCategory,
)
from application.catalog.views import CategoryView
from domain.accounts import Actor
from entrypoints.http.catalog.reading import TAGS
from entrypoints.http.catalog.writing import MANAGERS
from entrypoints.http.conditions import AnyRequest, meant_versions, tagged


@post("/api/products/categories", access=MANAGERS, tags=TAGS, summary="Create a category")
async def create_category(
    data: JSONBody[NewCategory], who: NamedDependency[Actor], create: FromDishka[CreateCategory]
) -> Response[CategoryView]:
    """Below `parent`, or at the top. The tree has at most 20 levels."""
    made = await create(who, data)
    return tagged(made, status=201, location=f"/api/products/categories/{made.view.slug}/")


@patch("/api/products/categories/{ref:str}", access=MANAGERS, tags=TAGS, summary="Change or move a category")
async def change_category(
    ref: FromPath[str],
    data: JSONBody[CategoryChanges],
    who: NamedDependency[Actor],
    request: AnyRequest,
    change: FromDishka[ChangeCategory],
) -> Response[CategoryView]:
    """Changes the named fields only; what is below it moves along. With `If-Match`, only the version that it names."""
    return tagged(await change(who, ref, data, meant_versions(request)))


@delete("/api/products/categories/{ref:str}", access=MANAGERS, tags=TAGS, summary="Delete a category")
async def delete_category(
    ref: FromPath[str], who: NamedDependency[Actor], request: AnyRequest, delete_it: FromDishka[DeleteCategory]
) -> None:
    """Only an empty one: 409 `category-not-empty` says how many products and categories are directly in it."""
    await delete_it(who, ref, meant_versions(request))


routes: list[HTTPRouteHandler] = [create_category, change_category, delete_category]
