"""Who asks, and whether they may: decided from the header, before a body is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.handlers import HTTPRouteHandler

from application.accounts.identifying import Identify
from application.acting import Acting, acting
from domain.accounts import Actor, NotAuthenticated, Permission, TokenInvalid, must
from domain.errors import Forbidden
from entrypoints.http import guests, scopes

OPTION = "access"  # of a route: its rule
SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a route. An API key gets in by one of its scopes, or where everybody does."""

    anybody: bool = False
    user: bool = False  # any that is signed in
    guest: bool = False  # any that holds a cart's token
    permission: Permission | None = None

    def __call__(self, who: Actor) -> None:
        """Raises NotAuthenticated or Forbidden."""
        if self.anybody or (self.user and who.user is not None) or (self.guest and who.guest is not None):
            return
        if who.name is None:
            raise NotAuthenticated
        if self.permission is None:
            raise Forbidden
        must(who, self.permission)


public = Rule(anybody=True)  # the token is not even looked at
anybody = Rule(anybody=True, user=True)  # what is seen may depend on who looks
shoppers = Rule(anybody=True, user=True, guest=True)  # who has neither account nor token gets a token
signed_in = Rule(user=True)
buyers = Rule(user=True, guest=True)


def needs(permission: Permission) -> Rule:
    """Only for who has the permission."""
    return Rule(permission=permission)


def own_or(permission: Permission, *, guest: bool = False) -> Rule:
    """For every user (and guest) what is theirs; what is not, and every API key, needs the permission."""
    return Rule(user=True, guest=guest, permission=permission)


class Lawless(Exception):
    """A route does not say who may call it."""


def governed(routes: Iterable[HTTPRouteHandler]) -> None:
    """Raises Lawless where a route names no rule: an app with such a one does not start."""
    for route in routes:
        rule = route.opt.get(OPTION)
        if not isinstance(rule, Rule) or not isinstance(rule.permission, Permission | None):
            raise Lawless(f"{', '.join(sorted(route.http_methods))} {', '.join(sorted(route.paths))}")


class Gate:
    """Stands before every route: finds out who asks, and applies the route's `access=` rule."""

    identify: Identify

    async def __call__(self, request: Request[Any, Any, Any]) -> None:
        rule: Rule = request.route_handler.opt[OPTION]
        if rule is not public and (given := scopes.header(request.scope, b"authorization")):
            scopes.set_actor(request.scope, await self.identify(bearer(given)))
        who = guests.known(request.scope)
        acting.set(Acting.of(who, scopes.request_id(request.scope)))
        rule(who)


def bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != SCHEME or not token.strip():
        raise TokenInvalid
    return token.strip()
