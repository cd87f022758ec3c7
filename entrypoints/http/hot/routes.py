"""Finds a hot route's answer before Litestar does, by the same handler with the same reading of the query.

Whatever is unusual (a caller with a token, a parameter that does not fit, an unknown one) is Litestar's to answer.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from dishka import AsyncContainer
from litestar import Litestar, Response
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Empty

from application.freshness import Bulletin, SharedAnswers
from entrypoints.http import metrics
from entrypoints.http.binding import OPTION as WANTS
from entrypoints.http.binding import Wants
from entrypoints.http.bodies import ShopRequest
from entrypoints.http.catalog.query import ATTRIBUTE
from entrypoints.http.hot.answers import LIFE, Answer, Answers, Kept, Key
from entrypoints.http.hot.topics import About

OPTION = "hot"  # of a route: what its answers are about
SLASH = "/"
MOST_READ = 1024  # requests whose reading is remembered

_encode = msgspec.json.Encoder().encode  # a third quicker than one made for each answer


@dataclass(frozen=True, slots=True)
class Hot:
    """One hot route."""

    template: str
    handler: HTTPRouteHandler
    wants: Wants
    about: About
    parameter: str | None  # of the path
    defaults: dict[str, Any]  # of the query's parameters, but for those that must be given
    several: frozenset[str]  # parameters that may be given more than once
    known: frozenset[str]

    @classmethod
    def of(cls, route: HTTPRoute, handler: HTTPRouteHandler) -> "Hot":
        (parameter,) = route.path_parameters or (None,)
        wanted = {
            name: field
            for name, field in handler.parsed_fn_signature.parameters.items()
            if name not in {parameter, "request"}
        }
        return cls(
            template=route.path_format,
            handler=handler,
            wants=handler.opt[WANTS],
            about=handler.opt[OPTION],
            parameter=parameter,
            defaults={name: field.default for name, field in wanted.items() if field.default is not Empty},
            several=frozenset(name for name, field in wanted.items() if field.is_non_string_sequence),
            known=frozenset(wanted),
        )

    async def read(self, path: str, query: bytes, given: str | None, app: Litestar) -> "Asked | None":
        """The handler's arguments as Litestar would read them; None where there is anything unusual.

        Raises what the handler's providers raise of what does not fit.
        """
        values = dict(self.defaults)
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else ():
            if name in self.several:
                values[name] = [*(values[name] or ()), value] if name in values else [value]
            elif name in self.known:
                values[name] = value
            elif not name.startswith(ATTRIBUTE):
                return None
        if values.keys() != self.known:
            return None
        scope: Any = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query,
            "headers": (),  # an answer that is kept depends on none of them
            "path_params": {} if self.parameter is None else {self.parameter: given},
            "route_handler": self.handler,
            "litestar_app": app,
        }
        request = ShopRequest(scope)
        try:
            read = self.handler.signature_model.parse_values_from_connection_kwargs(
                request, {**values, **scope["path_params"], "request": request}
            )
        except ValidationException:
            return None
        return Asked(self, await self.wants.met(read.pop("request"), read))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to a hot route."""

    hot: Hot
    arguments: dict[str, Any]

    async def __call__(self) -> Answer:
        told = await self.hot.wants.answer(self.arguments)
        content = told.content if isinstance(told, Response) else told
        given = told.headers.items() if isinstance(told, Response) else ()
        raw = tuple((name.lower().encode(), value.encode()) for name, value in given)
        return Answer(_encode(content), raw, self.hot.about.topics(content))


class HotRoutes:
    """All of them. Without `answers` nothing is kept, and each request is answered anew."""

    def __init__(self, app: Litestar) -> None:
        self.answers: Answers | None = None
        self._app = app
        self._read: dict[Key, Asked] = {}
        self._plain: dict[str, Hot | None] = {}  # by path; None where the path is another route's
        self._named: dict[tuple[str, str], Hot] = {}  # by what stands before and behind the path's parameter
        for route in app.routes:
            if isinstance(route, HTTPRoute):
                self._add(route)

    @property
    def routes(self) -> list[Hot]:
        return [*(hot for hot in self._plain.values() if hot), *self._named.values()]

    async def find(self, path: str, query: bytes) -> Kept | None:
        """The answer to an anonymous GET; None where Litestar shall answer."""
        path = path.removesuffix(SLASH)
        key = path, query
        if self.answers is not None and (kept := self.answers.find(key)) is not None:
            metrics.lookup(kept.template, "hit")
            return kept
        asked = self._read.get(key) or await self._ask(path, query)
        if asked is None:
            return None
        hot = asked.hot
        if self.answers is None:
            return Kept(await asked(), hot.template, LIFE)
        metrics.lookup(hot.template, "joined" if self.answers.is_loading(key) else "miss")
        return await self.answers.load(key, hot.template, asked, share=hot.about.is_shared)

    async def _ask(self, path: str, query: bytes) -> Asked | None:
        """Read the request; what the same one means is known the next time."""
        hot, given = self._match(path)
        asked = await hot.read(path, query, given, self._app) if hot else None
        if asked is not None:
            if len(self._read) >= MOST_READ:
                self._read.clear()
            self._read[path, query] = asked
        return asked

    def _add(self, route: HTTPRoute) -> None:
        handler, _ = route.route_handler_map.get("GET", (None, None))
        hot = Hot.of(route, handler) if handler and OPTION in handler.opt else None
        if not route.path_parameters:
            self._plain[route.path_format] = hot
        elif hot:
            before, _, behind = route.path_format.partition(f"{{{hot.parameter}}}")
            self._named[before, behind] = hot

    def _match(self, path: str) -> tuple[Hot | None, str | None]:
        if path in self._plain:
            return self._plain[path], None
        for (before, behind), hot in self._named.items():
            if path.startswith(before) and path.endswith(behind):
                given = path[len(before) : len(path) - len(behind)]
                if given and SLASH not in given:
                    return hot, given
        return None, None


@asynccontextmanager
async def kept_fresh(container: AsyncContainer) -> AsyncIterator[Answers]:
    """Answers that hear of every change that this process makes."""
    bulletin, answers = await container.get(Bulletin), Answers(await container.get(SharedAnswers))
    bulletin.readers.append(answers.drop)
    try:
        yield answers
    finally:
        bulletin.readers.remove(answers.drop)
        await answers.close()
