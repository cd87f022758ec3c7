"""A yardstick: an ASGI app that answers with bytes it was given, under the same granian with as many processes."""

import os
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from entrypoints.serve import serve

BODIES = "BENCH_BODIES"  # the directory with the answers' bodies
Send = Callable[[dict[str, Any]], Awaitable[None]]


def create_app() -> Callable[[dict[str, Any], Any, Send], Awaitable[None]]:
    folder = Path(os.environ[BODIES])

    @cache
    def body_at(path: str) -> bytes:
        file = folder / path.removeprefix("/")
        return file.read_bytes() if file.is_file() else b""

    async def app(scope: dict[str, Any], _receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        body = body_at(scope["path"])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return app


if __name__ == "__main__":
    serve("127.0.0.1", int(os.environ["PORT"]), int(os.environ["WEB_WORKERS"]), app="tests.benchmarks.bare")
