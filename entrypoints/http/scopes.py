"""What the edge knows of a request beside Litestar: its id, its headers, who asks. Kept in the ASGI scope."""

from collections.abc import Mapping
from typing import Any, cast

from litestar.types import Scope

from domain.accounts import Actor

NOBODY = Actor()


def header(scope: Scope | Mapping[str, Any], name: bytes) -> str:
    """The first header of that (lower-case) name, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            return cast(bytes, value).decode("latin-1")
    return ""


def request_id(scope: Scope) -> str:
    return cast(str, _own(scope)["request_id"])


def actor(scope: Scope) -> Actor:
    return cast(Actor, _own(scope).get("actor", NOBODY))


def set_actor(scope: Scope, actor: Actor) -> None:
    _own(scope)["actor"] = actor


def _own(scope: Scope) -> dict[str, Any]:
    return cast(dict[str, Any], scope)
