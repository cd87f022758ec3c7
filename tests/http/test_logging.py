"""Logs: one line a request, with its id, in JSON, without secrets and without forged lines."""

import io
import logging
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from entrypoints import logging as ours
from tests.http.conftest import ANN, THING, bearer


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """What was logged so far, one object a line."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def read() -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in capfd.readouterr().err.splitlines()]

    yield read
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_one_line_a_request(client: httpx.AsyncClient, lines: Any) -> None:
    ours.configure("info")
    headers = bearer("ann") | {"X-Request-ID": "request-1"}
    await client.get(f"/t/things/{THING}/?token=swordfish", headers=headers)
    (line,) = lines()
    assert line.pop("at").endswith("Z")
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "info",
        "logger": "tradepost.http",
        "message": "request",
        "request_id": "request-1",
        "method": "GET",
        "route": "/t/things/{id}",
        "path": f"/t/things/{THING}/",
        "status": 200,
        "actor": f"user:{ANN}",
        "bytes": 59,
    }


async def test_what_no_route_answers_is_logged_too(client: httpx.AsyncClient, lines: Any) -> None:
    ours.configure("info")
    await client.get("/nowhere")
    await client.head("/t/plain")
    await client.get("/t/plain", headers={"Host": "evil.example"})
    assert [(line["method"], line["status"], line["actor"]) for line in lines()] == [
        ("GET", 404, None),
        ("HEAD", 200, None),
        ("GET", 400, None),
    ]


async def test_who_hangs_up_is_no_error_of_ours(app: Litestar, client: httpx.AsyncClient, lines: Any) -> None:
    ours.configure("info")
    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(parts)

    async def send(_: Any) -> None:
        return None

    asked = client.build_request("POST", "/t/wish", headers={"Transfer-Encoding": "chunked"})
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/t/wish",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in asked.headers.raw],
    }
    await app(scope, receive, send)  # type: ignore[arg-type]
    assert [(line["level"], line["status"]) for line in lines()] == [("info", 400)]


async def test_health_checks_are_told_at_debug_only(client: httpx.AsyncClient, lines: Any) -> None:
    ours.configure("info")
    await client.get("/health/")
    assert lines() == []
    ours.configure("debug")
    await client.get("/api/health_check/")
    assert [line["level"] for line in lines() if line["logger"] == "tradepost.http"] == ["debug"]


async def test_a_failure_is_logged_with_its_traceback_under_the_requests_id(
    client: httpx.AsyncClient, lines: Any
) -> None:
    ours.configure("warning")
    response = await client.get("/t/raise/bug")
    (line,) = lines()
    assert line["level"] == "error"
    assert line["request_id"] == response.json()["trace_id"]
    assert "ZeroDivisionError" in line["exception"]


async def test_no_secret_reaches_the_log(client: httpx.AsyncClient, lines: Any) -> None:
    ours.configure("debug")
    secret = {"Authorization": "Bearer swordfish", "Cookie": "swordfish", "Idempotency-Key": "swordfish"}
    await client.post("/t/wish?token=swordfish", json={"name": "swordfish"}, headers=secret)
    logging.getLogger("shop").warning("signed in", extra={"password": "swordfish", "refresh_token": "swordfish"})
    told = lines()
    assert "swordfish" not in repr(told)
    assert told[-1]["password"] == "[hidden]"


async def test_nobody_can_forge_a_line(client: httpx.AsyncClient, lines: Any) -> None:
    ours.configure("info")
    await client.get('/t/raise/x%0A{"level":"info","message":"forged"}%0D%1B[31m')
    logging.getLogger("shop").info("two\nlines %s", "and\r\nmore")
    told = lines()
    assert [line["message"] for line in told if line["logger"] != "entrypoints.http.problems"] == [
        "request",
        "two\nlines and\r\nmore",
    ]


SAID = {
    "Bearer swordfish-1": "[hidden]",
    "refused bearer  eyJhbGciOiJFZERTQSJ9.e30.c2ln, sorry": "refused [hidden], sorry",
    "token eyJhbGciOiJFZERTQSJ9.e30.c2ln": "token [hidden]",
    "key tp_AbCdEfGh-1_2 of the warehouse": "key [hidden] of the warehouse",
    "sk_live_1234567890 and whsec_1234567890": "[hidden] and [hidden]",
    "cannot reach postgresql://shop:hunter2@db/shop": "cannot reach postgresql://[hidden]@db/shop",
    "redis://:hunter2@cache:6379/0 is away": "redis://[hidden]@cache:6379/0 is away",
    "the task_list of tp_1 at https://shop.example/a@b": "the task_list of tp_1 at https://shop.example/a@b",
}


@pytest.mark.parametrize("said", SAID)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(said: str, lines: Any) -> None:
    ours.configure("info")
    try:
        raise ValueError(said)
    except ValueError:
        logging.getLogger("shop").exception("%s", said)
    (line,) = lines()
    assert line["message"] == SAID[said]
    assert line["exception"].endswith(f"ValueError: {SAID[said]}")


def test_what_is_no_json_is_told_as_text(lines: Any) -> None:
    ours.configure("info")
    logging.getLogger("shop").info("half a pair \ud800")
    (line,) = lines()
    assert line["message"] == r"'half a pair \ud800'"
    logging.getLogger("shop").info("whole", extra={"thing": object, "order": ANN})
    (line,) = lines()
    assert (line["order"], line["thing"]) == (str(ANN), "<class 'object'>")


def test_who_looks_at_a_terminal_reads_lines(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    ours.configure("info")
    (handler,) = logging.getLogger().handlers
    record = logging.makeLogRecord(
        {"name": "shop", "levelname": "INFO", "msg": "sold\n\x1b[31m%s", "args": ("a lamp",), "card": "4242"}
    )
    line = handler.format(record)
    assert line.endswith(r"info    shop: sold\n\x1b[31ma lamp card=[hidden]")
    assert "\n" not in line


def test_an_exception_cannot_forge_a_line_on_a_terminal() -> None:
    try:
        raise ValueError("bad\n12:00:00 info    shop: forged\x1b[31m\r")
    except ValueError:
        record = logging.makeLogRecord(
            {"name": "shop", "levelname": "ERROR", "msg": "failed", "exc_info": sys.exc_info()}
        )
    first, *others = ours.Readable().format(record).split("\n")
    assert first.endswith("error   shop: failed")
    assert all(line.startswith("    ") and line.isprintable() for line in others)
    assert others[-1] == r"    12:00:00 info    shop: forged\x1b[31m\r"


def test_others_are_quiet_below_a_warning(lines: Any) -> None:
    ours.configure("debug")
    for name in ("httpx", "asyncio", "sqlalchemy"):
        logging.getLogger(name).info("chatter")
    logging.getLogger("httpx").warning("trouble")
    assert [line["message"] for line in lines()] == ["trouble"]


async def test_a_request_whose_path_is_no_text_is_logged_too(lines: Any) -> None:
    ours.configure("info")
    ours.request(logging.INFO, {"path": "/half/\ud800", "status": 404})
    (line,) = lines()
    assert (line["message"], line["path"]) == ("'request'", r"'/half/\ud800'")


async def test_requests_go_to_other_handlers_where_somebody_set_them(
    client: httpx.AsyncClient, lines: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ours.configure("info")
    logging.getLogger().handlers[:] = [caplog.handler]
    await client.get("/nowhere")
    assert lines() == []
    assert [vars(record)["status"] for record in caplog.records] == [404]
