"""Speaks Meilisearch's HTTP: one request, one answer, and waiting for what it does later."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import httpx
import msgspec

from application.ports import Unavailable

T = TypeVar("T")

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Query = Mapping[str, str | int]

CONNECTING = 0.5  # seconds; a searcher must not wait for a server that is away
SEARCHING = 1.5
ASKING = 10.0  # for what no customer waits for
FINISHING = 15.0  # for a task; below what an event handler may take
LOOKS = (0.01, 0.02, 0.05, 0.1, 0.2)  # pauses between looks at a task; the last one goes on
SERVER_ERROR = 500
TURNED_AWAY = frozenset({401, 403, 408, 429})  # a wrong key, or too much at once: the server is of no use for now
ERROR_LENGTH = 300


class MeilisearchRefused(Exception):
    """The server understood, and does not want to. `code` is Meilisearch's own, such as "index_not_found"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class TaskFailed(Exception):
    """What the server had promised to do, it did not do. `code` as above."""

    def __init__(self, uid: int, code: str, message: str) -> None:
        super().__init__(f"task {uid} {code}: {message}")
        self.code = code


class Problem(msgspec.Struct):
    """Meilisearch's own account of what is wrong."""

    message: str
    code: str


class Health(msgspec.Struct):
    status: str


class Promise(msgspec.Struct, rename="camel"):
    """The server will do it, in its turn."""

    task_uid: int


class Task(msgspec.Struct):
    """How far it got. `status` is enqueued, processing, succeeded, failed or canceled."""

    uid: int
    status: str
    error: Problem | None = None


class MeilisearchClient:
    """Raises Unavailable("search") where the server is away, ails, or turns us away."""

    def __init__(self, url: str, key: str | None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(base_url=url.rstrip("/"), headers=headers, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def is_well(self) -> bool:
        return (await self.ask("GET", "/health", Health, patience=SEARCHING)).status == "available"

    async def ask(
        self,
        method: Method,
        path: str,
        kind: type[T],
        *,
        body: object = None,
        query: Query | None = None,
        patience: float = ASKING,
    ) -> T:
        """Raises MeilisearchRefused."""
        answer = await self._send(method, path, body, query, patience)
        try:
            if answer.is_success:
                return msgspec.json.decode(answer.content, type=kind)
            problem = msgspec.json.decode(answer.content, type=Problem)
        except msgspec.DecodeError as error:  # a proxy's page, or something else that is no Meilisearch
            raise Unavailable("search") from error
        raise MeilisearchRefused(problem.code, problem.message[:ERROR_LENGTH])

    async def change(
        self,
        method: Method,
        path: str,
        body: object = None,
        query: Query | None = None,
        patience: float = FINISHING,
    ) -> None:
        """Have something done, and wait until it is. Raises MeilisearchRefused, TaskFailed."""
        promise = await self.ask(method, path, Promise, body=body, query=query)
        await self._finished(promise.task_uid, patience)

    async def _finished(self, uid: int, patience: float) -> None:
        looks = 0
        try:
            async with asyncio.timeout(patience):
                while (task := await self.ask("GET", f"/tasks/{uid}", Task)).status in {"enqueued", "processing"}:
                    await asyncio.sleep(LOOKS[min(looks, len(LOOKS) - 1)])
                    looks += 1
        except TimeoutError as error:
            raise Unavailable("search") from error
        if task.status != "succeeded":
            problem = task.error or Problem("no reason given", task.status)
            raise TaskFailed(uid, problem.code, problem.message[:ERROR_LENGTH])

    async def _send(
        self, method: Method, path: str, body: object, query: Query | None, patience: float
    ) -> httpx.Response:
        timeout = httpx.Timeout(patience, connect=min(CONNECTING, patience), pool=patience)
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with asyncio.timeout(patience):  # httpx counts each read anew: a trickle would never end
                answer = await self._http.request(
                    method, path, content=content, params=query, headers=headers, timeout=timeout
                )
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unavailable("search") from error
        if answer.status_code >= SERVER_ERROR or answer.status_code in TURNED_AWAY:
            raise Unavailable("search")
        return answer


def batches(things: Sequence[T], size: int) -> list[Sequence[T]]:
    return [things[start : start + size] for start in range(0, len(things), size)]
