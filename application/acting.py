"""On whose behalf the shop acts: whoever asks at the edge says so, the store notes it beside every event."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from domain.accounts import Actor


@dataclass(frozen=True, slots=True)
class Acting:
    """`actor` is an Actor's name ("user:…", "key:…"), "anonymous", "operator" (of the command line) or "shop"."""

    actor: str
    request: str | None = None
    is_staff: bool = False

    @classmethod
    def of(cls, who: Actor, request: str | None = None) -> "Acting":
        return cls(who.name or "anonymous", request, who.is_staff or who.key is not None)


SHOP = Acting("shop")
ANONYMOUS = Acting("anonymous")
OPERATOR = Acting("operator", is_staff=True)

acting: ContextVar[Acting] = ContextVar("acting", default=SHOP)


@contextmanager
def on_behalf_of(somebody: Acting) -> Iterator[None]:
    token = acting.set(somebody)
    try:
        yield
    finally:
        acting.reset(token)
