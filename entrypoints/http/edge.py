"""The outermost layer, once around every request: its id, hosts, CORS, HEAD, headers, gzip, and its log line."""

import logging
import random
import re
from contextvars import Token
from time import perf_counter
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send

from application.acting import ANONYMOUS, acting
from entrypoints.http import headers, messages, metrics, problems, scopes
from entrypoints.http.bounds import HEALTH, Bounds, patient
from entrypoints.http.conditions import is_known
from entrypoints.http.headers import Raw
from entrypoints.http.hot.routes import HotRoutes
from entrypoints.http.limits import Limits
from entrypoints.http.problems import MEDIA_TYPE, Problem
from entrypoints.logging import request as log_request
from entrypoints.logging import request_id, requests
from entrypoints.observing import Statements

SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,128}")
WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
TOO_MANY = 429


def new_id() -> str:
    """No secret: asking the system for one would cost a call and a turn at the interpreter."""
    return f"{random.getrandbits(128):032x}"


class Edge:
    """Wraps Litestar as a whole, so that what no route answers (404, 405) keeps the conventions too."""

    def __init__(
        self,
        app: ASGIApp,
        bounds: Bounds,
        origins: frozenset[bytes],
        hot: HotRoutes,
        limits: Limits,
        statements: Statements | None = None,
    ) -> None:
        self.app, self.bounds, self.origins, self.hot, self.limits = app, bounds, origins, hot, limits
        self.statements = statements

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(self, scope, send)
        token: Token[str | None] = request_id.set(exchange.id)
        behalf = acting.set(ANONYMOUS)
        if self.statements:
            self.statements.begin()
        try:
            if problem := self.bounds.objection(scope, exchange.given):
                await exchange.refuse(problem)
            elif exchange.is_preflight:
                await exchange.answer(204, headers.preflight(exchange.origin))
            elif problem := await exchange.excess():
                await exchange.refuse(problem)
            elif not await exchange.find():
                coming = receive if exchange.method in WITHOUT_BODY else patient(receive)
                await self.app(scope, coming, exchange.send)
        finally:
            exchange.tell(scope)
            request_id.reset(token)
            acting.reset(behalf)


class Exchange:
    """One request and its answer."""

    __slots__ = (
        "began",
        "edge",
        "given",
        "id",
        "method",
        "origin",
        "path",
        "quota",
        "scope",
        "send_on",
        "sent",
        "start",
        "status",
    )

    def __init__(self, edge: Edge, scope: Any, send: Send) -> None:
        self.edge, self.scope, self.send_on = edge, scope, send
        self.began = perf_counter()
        self.given: dict[bytes, bytes] = dict(scope["headers"])
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.status: int | None = None  # until an answer begins; somebody may hang up before
        self.sent = 0
        self.start: Any = None
        self.quota: list[Raw] = []
        wanted = self.given.get(b"x-request-id", b"")
        self.id = wanted.decode() if SANE_ID.fullmatch(wanted) else new_id()
        origin = self.given.get(b"origin", b"")
        self.origin = origin if origin in edge.origins else b""
        scope["request_id"] = self.id
        scope["proxies"] = edge.limits.proxies
        if self.method == "HEAD":
            scope["method"] = "GET"

    @property
    def is_preflight(self) -> bool:
        return self.method == "OPTIONS" and bool(self.origin) and b"access-control-request-method" in self.given

    async def excess(self) -> Problem | None:
        """Why it is too much of a good thing."""
        self.quota, problem = await self.edge.limits.spend(self.scope)
        return problem

    async def find(self) -> bool:
        """Answer by a hot route; False where that is for others to do."""
        if self.scope["method"] != "GET" or b"authorization" in self.given:
            return False
        try:
            kept = await self.edge.hot.find(self.path, self.scope["query_string"])
        except Exception as error:  # noqa: BLE001 (every exception has its problem, as Litestar's handler of them says)
            await self.refuse(problems.told(error, self.path))
            return True
        if kept is None:
            return False
        self.scope["path_template"] = kept.template
        if kept.tag and is_known(kept.tag.strip('"'), self.given.get(b"if-none-match", b"").decode("latin-1")):
            await self._pass_on(304, kept.unchanged(), b"")
        else:
            await self._pass_on(200, *await kept.coded(headers.coding(self.given.get(b"accept-encoding", b""))))
        return True

    async def refuse(self, problem: Problem) -> None:
        language = messages.preferred(scopes.header(self.scope, b"accept-language"))
        told = problem.headers_in(language) | {"Content-Type": MEDIA_TYPE}
        raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        await self.answer(problem.status, raw, problem.body(language, self.id))

    async def answer(self, status: int, named: list[Raw], body: bytes = b"") -> None:
        length = [(b"content-length", str(len(body)).encode())] if status != 204 else []
        await self.send({"type": "http.response.start", "status": status, "headers": [*named, *length]})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def send(self, message: Any) -> None:
        """Held back until the body's first part is here, which decides about its coding."""
        if message["type"] == "http.response.start":
            self.start = message
            return
        if message["type"] != "http.response.body":
            await self.send_on(message)
            return
        if self.start is not None:
            start, self.start = self.start, None
            message = await self._open(start, message)
        self.sent += len(message["body"])
        if self.method == "HEAD":
            message = {**message, "body": b""}
        await self.send_on(message)

    async def _open(self, start: Any, message: Any) -> Any:
        self.status = start["status"]
        raw: list[Raw] = list(start["headers"])
        body = message["body"]
        if not message.get("more_body", False):
            raw, body = await headers.encoded(raw, body, headers.coding(self.given.get(b"accept-encoding", b"")))
        headers.complete(raw, self.path, self.status)
        start["headers"] = [*raw, *await self._own()]
        await self.send_on(start)
        return {**message, "body": body}

    async def _pass_on(self, status: int, raw: list[Raw], body: bytes) -> None:
        """An answer that is complete but for what this request adds."""
        self.status, self.sent = status, len(body)
        told = [*raw, *await self._own()]
        await self.send_on({"type": "http.response.start", "status": status, "headers": told})
        shown = b"" if self.method == "HEAD" else body
        await self.send_on({"type": "http.response.body", "body": shown, "more_body": False})

    async def _own(self) -> list[Raw]:
        """The headers of this very request."""
        quota = [] if self.status == TOO_MANY else self.quota  # who is refused is told by which quota
        raw: list[Raw] = [(b"x-request-id", self.id.encode()), *quota, *self.edge.bounds.promise(self.scope)]
        if self.edge.origins:
            raw += headers.cors(self.origin)
        if self.edge.statements:
            raw.append((b"server-timing", f'sql;desc="{await self.edge.statements.total()}"'.encode()))
        return raw

    def tell(self, scope: Scope) -> None:
        """Count it, and log it."""
        seconds = perf_counter() - self.began
        metrics.request(self.method, scope.get("path_template"), self.status, seconds)
        level = logging.DEBUG if self.path.startswith(HEALTH) else logging.INFO
        if not requests.isEnabledFor(level):
            return
        told = {
            "method": self.method,
            "route": scope.get("path_template"),
            "path": self.path,
            "status": self.status,
            "duration_ms": round(seconds * 1000, 2),
            "actor": scopes.actor(scope).name,
            "bytes": self.sent,
        }
        log_request(level, told)
