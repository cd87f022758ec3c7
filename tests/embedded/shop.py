"""An empty shop to try `up` on: `python -m tests.embedded.shop up`. A file `broken` in DATA_DIR breaks it."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from adapters.embedded import EmbeddedServers
from entrypoints import lifeline
from entrypoints.serve import serve
from entrypoints.up import up

CLI = (sys.executable, "-m", "tests.embedded.shop")


class Settings(msgspec.Struct, frozen=True):
    """As much of the shop's settings as `up` reads."""

    data_dir: Path
    port: int
    public_base_url: str
    host: str = "127.0.0.1"
    database_url: str | None = None
    redis_url: str | None = None
    secret_key: str | None = None
    admin_email: str | None = "boss@example.com"
    admin_password: str | None = None
    stripe_webhook_secrets: tuple[str, ...] = ()


Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def create_app() -> Callable[[dict[str, Any], Receive, Send], Awaitable[None]]:
    """Answers every request with the environment that the process was given."""

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": msgspec.json.encode({**os.environ, "PID": os.getpid()})})

    return app


async def prepare(database_url: str) -> None:
    """Where the migrations would be."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS lamp (stock int)")
    await connection.close()


def main(word: str) -> int:
    data_dir = Path(os.environ["DATA_DIR"])
    if word == "up":
        base = f"http://127.0.0.1:{os.environ['PORT']}"
        return up(Settings(data_dir, int(os.environ["PORT"]), base), EmbeddedServers, CLI)
    if word == "prepare":
        if (data_dir / "broken").exists():
            return 3
        asyncio.run(prepare(os.environ["DATABASE_URL"]))
    if word == "serve":
        serve(os.environ["HOST"], int(os.environ["PORT"]), 2, app=__spec__.name)
    if word == "worker":
        lifeline.hold()
        signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
