"""Other people's accounts on the wire, for admins."""

from typing import Annotated, Any
from uuid import UUID

from dishka import FromDishka
from litestar import Request, get, patch
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter

from application.accounts.staff import ChangeUser, ListUsers, ShowUser, UserChanges
from application.accounts.users import UserView
from application.ports import PageRequest
from domain.accounts import Actor, Permission, UserId
from entrypoints.http.access import needs
from entrypoints.http.lists import Envelope, envelope

TAGS = ["Accounts"]
ADMINS = needs(Permission.MANAGE_USERS)
Sought = Annotated[str | None, QueryParameter(max_length=254, description="Part of an address, user name or name.")]


@get("/api/auth/users", access=ADMINS, tags=TAGS, summary="Users")
async def users(
    who: NamedDependency[Actor],
    page: NamedDependency[PageRequest],
    request: Request[Any, Any, Any],
    list_users: FromDishka[ListUsers],
    q: Sought = None,
) -> Envelope[UserView]:
    """Newest first."""
    return envelope(await list_users(who, q, page), request)


@get("/api/auth/users/{id:uuid}", access=ADMINS, tags=TAGS, summary="A user")
async def user(id: FromPath[UUID], who: NamedDependency[Actor], show_user: FromDishka[ShowUser]) -> UserView:
    return await show_user(who, UserId(id))


@patch("/api/auth/users/{id:uuid}", access=ADMINS, tags=TAGS, summary="Lock a user out, or change roles")
async def change_user(
    id: FromPath[UUID], data: JSONBody[UserChanges], who: NamedDependency[Actor], change: FromDishka[ChangeUser]
) -> UserView:
    """Counts from the user's next request on: tokens that were issued before are void."""
    return await change(who, UserId(id), data)


routes: list[HTTPRouteHandler] = [users, user, change_user]
