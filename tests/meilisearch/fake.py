"""A Meilisearch on a loopback port: every request and every answer of its own is held against the table of paths."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tests.data.meilisearch_paths import PATHS, Path, ResponseError
from tests.meilisearch.engine import BadQuery, Index
from tests.meilisearch.filters import BadFilter, judge

KEY = "a master key of at least 16 bytes"
LINK = "https://docs.meilisearch.com/errors"
LOOKS = 2  # at a task, until it is done: enqueued, processing, done


class Refusal(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class FakeMeilisearch:
    """One thread per connection, one lock: whatever arrives is done in turn. Tasks are done when they are looked at."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.breaches: list[str] = []  # what the table does not allow, of either side
        self.delay = 0.0  # seconds before each answer
        self.failing: list[str] = []  # the next tasks fail with these codes
        self.ails = False  # answers everything with 500
        self._tasks: list[dict[str, Any]] = []
        self._todo: list[tuple[int, Callable[[], None]]] = []
        self._looks: dict[int, int] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._port = 0
        self._http: ThreadingHTTPServer | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def done(self) -> int:
        """Tasks that were done."""
        return len(self._tasks) - len(self._todo)

    def start(self) -> None:
        """On the same port as before."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # head and body in one packet, or the client waits for the second one

            def _answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                fake._released.wait(fake.delay)
                if fake._http is None:  # stopped: a connection that was open is as dead as the others
                    self.close_connection = True
                    return
                status, told = fake.answer(self.command, self.path, body, self.headers.get("Authorization"))
                sent = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Not in a test's output."""

        class Server(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A caller who does not wait for the answer is no news."""

        self._released.clear()
        self._http = Server(("127.0.0.1", self._port), Handler)
        self._port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Gone from one moment to the next; what it holds it keeps."""
        server, self._http = self._http, None
        self._released.set()
        if server is not None:
            server.shutdown()
            server.server_close()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.stop()
        yield
        self.start()

    def answer(self, method: str, target: str, body: bytes, authorization: str | None) -> tuple[int, Any]:
        with self._lock:
            try:
                if self.ails:
                    raise Refusal(500, "internal", "An internal error has occurred.")
                if authorization != f"Bearer {KEY}":
                    raise Refusal(403, "invalid_api_key", "The provided API key is invalid.")
                return self._answered(method, target, body)
            except Refusal as refusal:
                return refusal.status, self._problem(refusal.code, str(refusal))

    def _answered(self, method: str, target: str, body: bytes) -> tuple[int, Any]:
        parts = urlsplit(target)
        path, names = self._path(method, parts.path)
        told = json.loads(body) if body else None
        self.asked.append((method, parts.path, told))
        self._checked(f"{method} {parts.path} takes", path.takes, told, path.query, dict(parse_qsl(parts.query)))
        try:
            answer = self._do(path, names, told)
        except BadFilter as error:
            code = "invalid_document_filter" if "documents" in path.path else "invalid_search_filter"
            raise Refusal(400, code, str(error)) from error
        except BadQuery as error:
            raise Refusal(400, error.code, str(error)) from error
        self._check(f"{method} {parts.path} answers", path.answers, answer)
        return path.status, answer

    def _path(self, method: str, target: str) -> tuple[Path, list[str]]:
        for path in PATHS:
            match = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", path.path), target)
            if match and path.method == method:
                return path, list(match.groups())
        self.breaches.append(f"{method} {target} is not in the table")
        raise Refusal(404, "not_found", "no such path")

    def _checked(self, what: str, kind: Any, told: Any, allowed: frozenset[str], query: dict[str, str]) -> None:
        if unknown := set(query) - allowed:
            self.breaches.append(f"{what} no {unknown}")
            raise Refusal(400, "bad_request", f"Unknown parameter {unknown}")
        if not self._check(what, kind, told):
            raise Refusal(400, "bad_request", self.breaches[-1])

    def _check(self, what: str, kind: Any, told: Any) -> bool:
        try:
            msgspec.json.decode(json.dumps(told).encode(), type=kind)
        except msgspec.ValidationError as error:
            self.breaches.append(f"{what}: {error}")
            return False
        return True

    def _do(self, path: Path, names: Sequence[str], told: Any) -> Any:
        match path.method, path.path:
            case "GET", "/health":
                return {"status": "available"}
            case "GET", "/tasks/{task_id}":
                return self._looked_at(int(names[0]))
            case "POST", "/indexes":
                return self._enqueue("indexCreation", told["uid"], lambda: self._create(told))
            case "POST", "/swap-indexes":
                return self._enqueue("indexSwap", None, lambda: self._swap(told))
            case "POST", "/multi-search":
                return {"results": [self._search(n, query) for n, query in enumerate(told["queries"])]}
            case "DELETE", "/indexes/{index_uid}":
                return self._enqueue("indexDeletion", names[0], lambda: self._delete(names[0]))
            case "POST", "/indexes/{index_uid}/documents":
                return self._enqueue("documentAdditionOrUpdate", names[0], lambda: self._add(names[0], told))
            case "PATCH", "/indexes/{index_uid}/settings":
                return self._enqueue("settingsUpdate", names[0], lambda: self._set(names[0], told))
        return self._of(path, names[0], told)

    def _of(self, path: Path, uid: str, told: Any) -> Any:
        """What needs an index that is there."""
        index = self._index(uid)
        match path.path:
            case "/indexes/{index_uid}/search":
                return index.search(told)
            case "/indexes/{index_uid}/documents/fetch":
                return self._fetch(index, told)
            case "/indexes/{index_uid}/documents/delete-batch":
                return self._enqueue("documentDeletion", uid, lambda: self._remove(uid, told))
            case "/indexes/{index_uid}":
                times = {"createdAt": index.created_at, "updatedAt": index.updated_at}
                return {"uid": uid, "primaryKey": index.primary_key, **times}
        raise Refusal(501, "not_implemented", path.path)

    def _search(self, number: int, query: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"indexUid": query["indexUid"], **self._index(query["indexUid"]).search(query)}
        except Refusal as refusal:
            raise Refusal(400, refusal.code, f"Inside `.queries[{number}]`: {refusal}") from refusal

    def _fetch(self, index: Index, told: Any) -> dict[str, Any]:
        holds = judge(told.get("filter"), index.fields("filterableAttributes"))
        wanted = told.get("ids")
        found = [one for key, one in index.documents.items() if (wanted is None or key in wanted) and holds(one)]
        offset, limit = told.get("offset", 0), told.get("limit", 20)
        return {"results": found[offset : offset + limit], "offset": offset, "limit": limit, "total": len(found)}

    def _enqueue(self, kind: str, uid: str | None, work: Callable[[], None]) -> dict[str, Any]:
        number = len(self._tasks)
        task = {"uid": number, "indexUid": uid, "status": "enqueued", "type": kind, "enqueuedAt": _now()}
        self._tasks.append(task)
        self._todo.append((number, work))
        return {"taskUid": number, **{name: value for name, value in task.items() if name != "uid"}}

    def _looked_at(self, number: int) -> dict[str, Any]:
        if number >= len(self._tasks):
            raise Refusal(404, "task_not_found", f"Task `{number}` not found.")
        self._looks[number] = self._looks.get(number, 0) + 1
        task = self._tasks[number]
        if self._looks[number] > LOOKS:
            self.work_off(number)
        elif task["status"] == "enqueued" and self._looks[number] == LOOKS:
            task["status"] = "processing"
        return self._tasks[number]

    def work_off(self, upto: int) -> None:
        """In the order in which they were asked for."""
        while self._todo and self._todo[0][0] <= upto:
            number, work = self._todo.pop(0)
            task = self._tasks[number] | {"startedAt": _now(), "status": "succeeded"}
            try:
                if self.failing:
                    raise Refusal(500, self.failing.pop(0), "made to fail")
                work()
            except Refusal as refusal:
                task |= {"status": "failed", "error": self._problem(refusal.code, str(refusal))}
            self._tasks[number] = task | {"finishedAt": _now()}

    def _create(self, told: Any) -> None:
        if told["uid"] in self.indexes:
            raise Refusal(409, "index_already_exists", f"Index `{told['uid']}` already exists.")
        self.indexes[told["uid"]] = Index(told.get("primaryKey"), _now(), _now())

    def _delete(self, uid: str) -> None:
        self._index(uid)
        del self.indexes[uid]

    def _set(self, uid: str, settings: Any) -> None:
        self.indexes.setdefault(uid, Index(None, _now(), _now())).settings |= settings

    def _add(self, uid: str, documents: Any) -> None:
        index = self.indexes.setdefault(uid, Index("id", _now(), _now()))
        index.documents |= {str(document["id"]): document for document in documents}
        index.updated_at = _now()

    def _remove(self, uid: str, ids: Any) -> None:
        index = self._index(uid)
        for key in ids:
            index.documents.pop(str(key), None)

    def _swap(self, swaps: Any) -> None:
        for swap in swaps:
            one, other = swap["indexes"]
            moved = self._index(one)
            if swap.get("rename"):
                if other in self.indexes:
                    raise Refusal(409, "index_already_exists", f"Index `{other}` already exists.")
                self.indexes[other] = self.indexes.pop(one)
            else:
                self.indexes[one], self.indexes[other] = self._index(other), moved

    def _index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise Refusal(404, "index_not_found", f"Index `{uid}` not found.")
        return self.indexes[uid]

    def _problem(self, code: str, message: str) -> dict[str, str]:
        kind = {"invalid_api_key": "auth", "internal": "internal"}.get(code, "invalid_request")
        problem = {"message": message, "code": code, "type": kind, "link": f"{LINK}#{code}"}
        self._check("an error", ResponseError, problem)
        return problem


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
