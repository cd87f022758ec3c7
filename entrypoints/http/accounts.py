"""Accounts on the wire: registering, signing in and out, tokens, and one's own profile."""

import msgspec
from dishka import FromDishka
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from application.accounts.registering import Register, Registration
from application.accounts.sessions import Credentials, LogIn, LogOut, RefreshTokens, SignedIn, Tokens
from application.accounts.users import ChangeProfile, ProfileChanges, UserView, UserViews
from application.ports import AccessTokens
from domain.accounts import Actor
from entrypoints.http.access import public, signed_in
from entrypoints.http.bodies import Body

TAGS = ["Accounts"]


class Refresh(Body, frozen=True):
    refresh: str


class Access(Body, frozen=True):
    token: str


class Valid(msgspec.Struct):
    """It is a live access token of ours; there is nothing more to say."""


@post("/api/auth/register", access=public, tags=TAGS, summary="Open an account")
async def register(data: JSONBody[Registration], open_account: FromDishka[Register]) -> UserView:
    return await open_account(data)


@post("/api/auth/login", access=public, status_code=200, tags=TAGS, summary="Sign in")
async def login(data: JSONBody[Credentials], log_in: FromDishka[LogIn]) -> SignedIn:
    return await log_in(data)


@post("/api/auth/token/refresh", access=public, status_code=200, tags=TAGS, summary="Refresh the tokens")
async def refresh(data: JSONBody[Refresh], refresh_tokens: FromDishka[RefreshTokens]) -> Tokens:
    """Spends the refresh token. One that was spent before ends the session, unless that was within five seconds."""
    return await refresh_tokens(data.refresh)


@post("/api/auth/token/verify", access=public, status_code=200, tags=TAGS, summary="Verify an access token")
async def verify(data: JSONBody[Access], access_tokens: FromDishka[AccessTokens]) -> Valid:
    access_tokens.actor(data.token)
    return Valid()


@post("/api/auth/logout", access=public, status_code=204, tags=TAGS, summary="Sign out")
async def logout(data: JSONBody[Refresh], log_out: FromDishka[LogOut]) -> None:
    await log_out(data.refresh)


@get("/api/auth/users/me", access=signed_in, tags=TAGS, summary="Who I am")
async def me(who: NamedDependency[Actor], users: FromDishka[UserViews]) -> UserView:
    return await users.get(who.must_be_user())


@patch("/api/auth/users/me", access=signed_in, tags=TAGS, summary="Change my profile")
async def change_me(
    data: JSONBody[ProfileChanges], who: NamedDependency[Actor], change_profile: FromDishka[ChangeProfile]
) -> UserView:
    """Changes the named fields only."""
    return await change_profile(who, data)


routes: list[HTTPRouteHandler] = [register, login, refresh, verify, logout, me, change_me]
