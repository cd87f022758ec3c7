"""The public keys of our access tokens, for who checks them elsewhere."""

import msgspec
from dishka import FromDishka
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from application.ports import AccessTokens, Jwk
from entrypoints.http.access import public

CACHED = {"Cache-Control": "public, max-age=300"}


class JwkSet(msgspec.Struct):
    """RFC 7517."""

    keys: list[Jwk]


@get("/.well-known/jwks.json", access=public, tags=["Service"], summary="Keys of access tokens")
async def jwks(tokens: FromDishka[AccessTokens]) -> Response[JwkSet]:
    """The first one signs now; tokens of the others are good until they expire."""
    return Response(JwkSet(tokens.public_keys()), headers=CACHED)


routes: list[HTTPRouteHandler] = [jwks]
