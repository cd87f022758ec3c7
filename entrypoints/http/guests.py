"""Guests: known by the secret token of their cart, of which the shop itself keeps only a hash."""

import re
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from litestar import Request, Response
from litestar.datastructures import ResponseHeader
from litestar.types import Scope

from application.cart import CartView
from domain.accounts import Actor, GuestId
from entrypoints.http import scopes

NAME = "X-Cart-Token"
OURS = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes; whatever else comes is taken for none
TOLD = [
    ResponseHeader(name=NAME, description="Of guests, the secret that their cart is known by", documentation_only=True)
]


@dataclass(frozen=True, slots=True)
class Shopper:
    """Who looks at a cart. A guest is told the token, be it theirs or a fresh one."""

    who: Actor
    token: str | None

    def told(self, cart: CartView) -> Response[CartView]:
        return Response(cart, headers={NAME: self.token} if self.token else {})


def shopper_of(request: Request[Any, Any, Any]) -> Shopper:
    """Who has neither an account nor a token becomes a guest, of whom nothing is kept yet."""
    who = scopes.actor(request.scope)
    if who.user is not None:
        return Shopper(who, None)
    token = _token(request.scope) or secrets.token_urlsafe(32)
    return Shopper(replace(who, guest=_hash(token)), token)


def guest_of(request: Request[Any, Any, Any]) -> GuestId | None:
    token = _token(request.scope)
    return _hash(token) if token else None


def known(scope: Scope) -> Actor:
    """Who asks, with the token that they hold."""
    if token := _token(scope):
        scopes.set_actor(scope, replace(scopes.actor(scope), guest=_hash(token)))
    return scopes.actor(scope)


def _token(scope: Scope) -> str | None:
    given = scopes.header(scope, b"x-cart-token")
    return given if OURS.fullmatch(given) else None


def _hash(token: str) -> GuestId:
    return GuestId(sha256(token.encode()).digest())
