"""Accounts on the wire: registering, signing in and out, tokens, and one's own profile."""

import msgspec
from dishka import FromDishka
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from application.accounts.email import ConfirmEmail, EmailChange, RequestEmailChange
from application.accounts.passwords import (
    ChangePassword,
    NewPassword,
    PasswordChange,
    RequestPasswordReset,
    ResetPassword,
    ResetWish,
)
from application.accounts.personal import EraseAccount, ExportPersonalData
from application.accounts.registering import Register, Registration
from application.accounts.revocations import CheckStanding
from application.accounts.sessions import Credentials, LogIn, LogOut, RefreshTokens, SignedIn, Tokens
from application.accounts.users import ChangeProfile, ProfileChanges, UserView, UserViews
from application.limits.policy import LimitLogins
from application.ports import AccessTokens
from domain.accounts import Actor, GuestId
from entrypoints.http.access import public, signed_in
from entrypoints.http.bodies import Body

TAGS = ["Accounts"]
ZIP = "application/zip"


class Refresh(Body, frozen=True):
    refresh: str


class Access(Body, frozen=True):
    token: str


class Valid(msgspec.Struct):
    """It is a live access token of ours; there is nothing more to say."""


class Accepted(msgspec.Struct):
    """It is under way; the rest comes by mail."""


@post("/api/auth/register", access=public, tags=TAGS, summary="Open an account")
async def register(
    data: JSONBody[Registration], guest: NamedDependency[GuestId | None], open_account: FromDishka[Register]
) -> UserView:
    """What the guest of `X-Cart-Token` has in the cart goes into that of the account."""
    return await open_account(data, guest)


@post("/api/auth/login", access=public, status_code=200, tags=TAGS, summary="Sign in")
async def login(
    data: JSONBody[Credentials],
    address: NamedDependency[str],
    guest: NamedDependency[GuestId | None],
    limit: FromDishka[LimitLogins],
    log_in: FromDishka[LogIn],
) -> SignedIn:
    """Whoever fails again and again waits longer each time.

    What the guest of `X-Cart-Token` has in the cart goes into that of the account.
    """
    await limit(data.email, address)
    answer = await log_in(data, guest)
    await limit.succeeded(data.email)
    return answer


@post("/api/auth/token/refresh", access=public, status_code=200, tags=TAGS, summary="Refresh the tokens")
async def refresh(data: JSONBody[Refresh], refresh_tokens: FromDishka[RefreshTokens]) -> Tokens:
    """Spends the refresh token. One that was spent before ends the session, unless that was within five seconds."""
    return await refresh_tokens(data.refresh)


@post("/api/auth/token/verify", access=public, status_code=200, tags=TAGS, summary="Verify an access token")
async def verify(
    data: JSONBody[Access], access_tokens: FromDishka[AccessTokens], check: FromDishka[CheckStanding]
) -> Valid:
    await check(access_tokens.actor(data.token))
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


@post("/api/auth/users/me/password", access=signed_in, status_code=204, tags=TAGS, summary="Change my password")
async def change_password(
    data: JSONBody[PasswordChange],
    who: NamedDependency[Actor],
    address: NamedDependency[str],
    limit: FromDishka[LimitLogins],
    change: FromDishka[ChangePassword],
) -> None:
    """All other sessions end."""
    await limit(str(who.user), address)
    await change(who, data)


@post("/api/auth/password-reset", access=public, status_code=202, tags=TAGS, summary="Ask for a new password")
async def request_reset(
    data: JSONBody[ResetWish],
    address: NamedDependency[str],
    limit: FromDishka[LimitLogins],
    ask: FromDishka[RequestPasswordReset],
) -> Accepted:
    """Always the same answer. Who has the address gets a link that works once, for an hour."""
    await limit(data.email, address)
    await ask(data)
    return Accepted()


@post("/api/auth/password-reset/confirm", access=public, status_code=204, tags=TAGS, summary="Set a new password")
async def confirm_reset(data: JSONBody[NewPassword], reset: FromDishka[ResetPassword]) -> None:
    """With the token of the mailed link. All sessions end."""
    await reset(data)


@post("/api/auth/email/verify", access=public, status_code=204, tags=TAGS, summary="Confirm an e-mail address")
async def verify_email(data: JSONBody[Access], confirm: FromDishka[ConfirmEmail]) -> None:
    """With the token of the mailed link, be it for the first address or for a new one."""
    await confirm(data.token)


@post("/api/auth/email/change", access=signed_in, status_code=202, tags=TAGS, summary="Change my e-mail address")
async def change_email(
    data: JSONBody[EmailChange],
    who: NamedDependency[Actor],
    address: NamedDependency[str],
    limit: FromDishka[LimitLogins],
    ask: FromDishka[RequestEmailChange],
) -> Accepted:
    """Takes effect when the link that is mailed to the new address is used; the old address is told."""
    await limit(str(who.user), address)
    await ask(who, data)
    return Accepted()


@get("/api/auth/users/me/export", access=signed_in, tags=TAGS, media_type=ZIP, summary="All that is held on me")
async def export_me(who: NamedDependency[Actor], export: FromDishka[ExportPersonalData]) -> Response[bytes]:
    """A zip with a JSON file for each kind of thing."""
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "no-store"}
    return Response(await export(who), media_type=ZIP, headers=headers)


@delete("/api/auth/users/me", access=signed_in, tags=TAGS, summary="Delete my account")
async def erase_me(who: NamedDependency[Actor], erase: FromDishka[EraseAccount]) -> None:
    """Orders keep number, totals and country; nothing else is left of the person. Not while an order is open."""
    await erase(who)


routes: list[HTTPRouteHandler] = [
    register,
    login,
    refresh,
    verify,
    logout,
    me,
    change_me,
    change_password,
    request_reset,
    confirm_reset,
    verify_email,
    change_email,
    export_me,
    erase_me,
]
