"""Who asks, and whether they may: decided from the header, before a body is read."""

from collections.abc import Callable
from typing import Any

from litestar import Request

from application.ports import AccessTokens
from domain.accounts import Actor, NotAuthenticated, Role, TokenInvalid
from entrypoints.http import scopes

Rule = Callable[[Actor], None]

SCHEME = "bearer"


def anybody(_: Actor) -> None:
    """The rule of a route that names none."""


def public(_: Actor) -> None:
    """The token is not even looked at."""


def signed_in(actor: Actor) -> None:
    if actor.user is None:
        raise NotAuthenticated


def needs(*roles: Role) -> Rule:
    """Only for who has one of the roles."""

    def allow(actor: Actor) -> None:
        signed_in(actor)
        actor.must_have(*roles)

    return allow


class Gate:
    """Stands before every route: finds out who asks, and applies the route's `access=` rule."""

    tokens: AccessTokens

    async def __call__(self, request: Request[Any, Any, Any]) -> None:
        rule: Rule = request.route_handler.opt.get("access", anybody)
        if rule is public:
            return
        if given := scopes.header(request.scope, b"authorization"):
            scopes.set_actor(request.scope, self.tokens.actor(bearer(given)))
        rule(scopes.actor(request.scope))


def bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != SCHEME or not token.strip():
        raise TokenInvalid
    return token.strip()
