"""Address books on the wire."""

from typing import Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from application.accounts.addresses import (
    AddressChanges,
    AddressViews,
    ChangeAddress,
    NewAddress,
    RemoveAddress,
    SaveAddress,
    SavedAddress,
)
from application.ports import PageRequest
from domain.accounts import Actor
from domain.addresses import AddressId
from entrypoints.http.access import signed_in
from entrypoints.http.lists import Envelope, envelope

TAGS = ["Addresses"]
LIST, ONE = "/api/auth/addresses", "/api/auth/addresses/{id:uuid}"


@get(LIST, access=signed_in, tags=TAGS, summary="My addresses")
async def addresses(
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    request: Request[Any, Any, Any],
    views: FromDishka[AddressViews],
) -> Envelope[SavedAddress]:
    """Newest first."""
    return envelope(await views.list(who.must_be_user(), page), request)


@post(LIST, access=signed_in, tags=TAGS, summary="Save an address")
async def save(
    data: JSONBody[NewAddress], who: NamedDependency[Actor], save_address: FromDishka[SaveAddress]
) -> Response[SavedAddress]:
    """A default takes the place of the one before for the same use; `both` counts for either."""
    saved = await save_address(who, data)
    return Response(saved, headers={"Location": f"{LIST}/{saved.id}/"})


@get(ONE, access=signed_in, tags=TAGS, summary="One of my addresses")
async def address(id: FromPath[UUID], who: NamedDependency[Actor], views: FromDishka[AddressViews]) -> SavedAddress:
    return await views.get(who.must_be_user(), AddressId(id))


@patch(ONE, access=signed_in, tags=TAGS, summary="Change an address")
async def change(
    id: FromPath[UUID],
    data: JSONBody[AddressChanges],
    who: NamedDependency[Actor],
    change_address: FromDishka[ChangeAddress],
) -> SavedAddress:
    """Changes the named fields only."""
    return await change_address(who, AddressId(id), data)


@delete(ONE, access=signed_in, tags=TAGS, summary="Remove an address")
async def remove(id: FromPath[UUID], who: NamedDependency[Actor], remove_address: FromDishka[RemoveAddress]) -> None:
    await remove_address(who, AddressId(id))


routes: list[HTTPRouteHandler] = [addresses, save, address, change, remove]
