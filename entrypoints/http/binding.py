"""Gives the routes what they ask for: the container's singletons once at start-up, who asks and the like per request.

Litestar sees the handlers without those parameters, so that a request costs neither a container nor a task group.
"""

from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import dataclass
from functools import update_wrapper
from inspect import Parameter, iscoroutinefunction, signature
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from dishka import AsyncContainer, DependencyKey
from dishka.integrations.base import default_parse_dependency
from litestar import Request
from litestar.di import Dependency
from litestar.handlers import HTTPRouteHandler

from application.idempotency import AnswerOnce, Memory
from application.retrying import retried
from domain.accounts import Actor
from entrypoints.http import callers, guests, idempotency, lists, scopes
from entrypoints.http.catalog.images import upload_of
from entrypoints.http.catalog.imports import product_file_of
from entrypoints.http.catalog.query import asked_of
from entrypoints.http.catalog.search import sought_of
from entrypoints.http.idempotency import takes_key

AnyRequest = Request[Any, Any, Any]


def who(request: AnyRequest) -> Actor:
    return scopes.actor(request.scope)


def address(request: AnyRequest) -> str:
    return callers.address(request.scope)


# What `NamedDependency[...]` gives, by the parameter's name; their own further parameters come from the wire.
NAMED: dict[str, Callable[..., Any]] = {
    "who": who,
    "address": address,
    "guest": guests.guest_of,
    "shopper": guests.shopper_of,
    "once": idempotency.once_of,
    "page": lists.page_of,
    "asked": asked_of,
    "sought": sought_of,
    "upload": upload_of,
    "product_file": product_file_of,
}


OPTION = "wants"  # of a bound handler


@dataclass(frozen=True, slots=True)
class Provided:
    """A parameter, what provides it for one request, and which further parameters that reads from the wire."""

    name: str
    provide: Callable[..., Any]
    further: tuple[str, ...]
    is_awaited: bool

    @classmethod
    def by(cls, name: str, provide: Callable[..., Any]) -> "Provided":
        return cls(name, provide, tuple(_further(provide)), iscoroutinefunction(provide))


@dataclass(frozen=True, slots=True)
class Wants:
    """What a handler asks for."""

    fn: Callable[..., Any]
    provided: tuple[Provided, ...]
    request: bool
    singletons: dict[str, Any]  # filled as the app opens

    async def met(self, request: AnyRequest, wire: dict[str, Any]) -> dict[str, Any]:
        """The handler's arguments for this request: `wire` with what is made of it."""
        for one in self.provided:
            given = one.provide(request, **{name: wire.pop(name) for name in one.further})
            wire[one.name] = await given if one.is_awaited else given
        if self.request:
            wire["request"] = request
        return wire

    def ask(self, arguments: dict[str, Any]) -> Awaitable[Any]:
        asked: Awaitable[Any] = self.fn(**arguments, **self.singletons)
        return asked

    async def answer(self, arguments: dict[str, Any]) -> Any:
        """Asked again where a race was lost."""
        return await retried(lambda: self.ask(arguments))


class Binding:
    """The handlers' wants; `open` meets them."""

    def __init__(self) -> None:
        self._wanted: list[tuple[dict[str, Any], str, DependencyKey]] = []
        self._ours: dict[str, Any] = {}

    async def open(self, container: AsyncContainer) -> None:
        for singletons, name, key in self._wanted:
            singletons[name] = await container.get(key.type_hint, key.component)

    def bind(self, handler: HTTPRouteHandler) -> HTTPRouteHandler:
        """A copy of the handler with the parameters that come from the wire."""
        fn, ours = handler.fn, self._ours
        hints = get_type_hints(fn, include_extras=True)
        singletons = self._singletons(fn, hints)
        named = {name: NAMED[name] for name, hint in hints.items() if _is_named(hint)}
        provided = tuple(Provided.by(name, provide) for name, provide in named.items())
        wants, keyed = Wants(fn, provided, "request" in hints, singletons), takes_key(handler) and "once" not in named
        if "once" in named:
            self._wanted.append((ours, "memory", DependencyKey(Memory, "")))
        if keyed:
            self._wanted.append((ours, "frame", DependencyKey(AnswerOnce, "")))

        async def call(request: AnyRequest, **wire: Any) -> Any:
            arguments = await wants.met(request, wire)
            if keyed and idempotency.has_key(request):
                answer_once = idempotency.Keyed(bound, ours["frame"])
                if (told := await answer_once(request, lambda: wants.ask(arguments), arguments)) is not None:
                    return told
            try:
                return await wants.answer(arguments)
            except idempotency.KEPT as refusal:
                if (once := arguments.get("once")) is None:
                    raise
                return await idempotency.refuse(request, refusal, once, ours["memory"])

        bound = copy(handler)(_like(call, fn, {*singletons, *named}, named.values()))
        bound.opt = {**handler.opt, "once": keyed or "once" in named, OPTION: wants}
        return bound

    def _singletons(self, fn: Callable[..., Any], hints: dict[str, Any]) -> dict[str, Any]:
        singletons: dict[str, Any] = {}
        for name, parameter in signature(fn).parameters.items():
            if key := default_parse_dependency(parameter, hints[name]):
                singletons[name] = None
                self._wanted.append((singletons, name, key))
        return singletons


def _is_named(hint: Any) -> bool:
    return get_origin(hint) is Annotated and any(isinstance(extra, Dependency) for extra in get_args(hint))


def _further(provide: Callable[..., Any]) -> dict[str, Parameter]:
    return {name: parameter for name, parameter in signature(provide).parameters.items() if name != "request"}


def _like(call: Callable[..., Any], fn: Callable[..., Any], given: set[str], providers: Any) -> Callable[..., Any]:
    """`call` with the looks of `fn`, less the parameters that are given, plus those that the providers read."""
    hints = get_type_hints(fn, include_extras=True)
    shown = {name: p for name, p in signature(fn).parameters.items() if name not in given}
    for provide in providers:
        hints |= get_type_hints(provide, include_extras=True) | {"return": hints["return"]}
        shown |= _further(provide)
    shown["request"] = Parameter("request", Parameter.KEYWORD_ONLY)
    hints["request"] = AnyRequest
    update_wrapper(call, fn)
    del call.__wrapped__  # type: ignore[attr-defined]
    parameters = [p.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[n]) for n, p in shown.items()]
    call.__signature__ = signature(fn).replace(parameters=parameters, return_annotation=hints["return"])  # type: ignore[attr-defined]
    call.__annotations__ = {name: hints[name] for name in (*shown, "return")}
    return call
