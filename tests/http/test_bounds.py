"""What is too long, too deep, too many, ambiguous or in the open is refused before any route hears of it."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from entrypoints.http import bodies, bounds
from entrypoints.http.app import build_app
from entrypoints.http.problems import BadRequest
from entrypoints.settings import Settings
from tests.http.conftest import ROUTES, House, container_of, opened
from tests.http.test_problems import told

JSON = {"Content-Type": "application/json"}
SHOP = "https://shop.example"
YEAR = "max-age=31536000; includeSubDomains"


# -- how much


@pytest.mark.parametrize(("length", "status"), [(8192, 200), (8193, 414)])
async def test_a_query_has_eight_thousand_bytes_at_most(client: httpx.AsyncClient, length: int, status: int) -> None:
    answer = await client.get(f"/t/plain?{'a' * length}")
    assert answer.status_code == status
    if status == 414:
        assert told(answer) == (414, "uri-too-long")


async def test_a_path_has_eight_thousand_letters_at_most(client: httpx.AsyncClient) -> None:
    assert told(await client.get("/" + "a" * 8192)) == (414, "uri-too-long")
    assert told(await client.get("/" + "a" * 8191)) == (404, "not-found")


@pytest.mark.parametrize(("number", "status"), [(100, 200), (101, 422)])
async def test_a_query_has_a_hundred_parameters_at_most(client: httpx.AsyncClient, number: int, status: int) -> None:
    answer = await client.get(f"/t/plain?{'&'.join(['a=1'] * number)}")
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["code"] == "too-many"


def nested(depth: int, filling: str = "") -> bytes:
    return f'{{"name": {"[" * (depth - 1)}{filling}{"]" * (depth - 1)}}}'.encode()


@pytest.mark.parametrize("depth", [65, 1_000, 100_000, 500_000])
async def test_json_is_64_deep_at_most(client: httpx.AsyncClient, depth: int) -> None:
    answer = await client.post("/t/wish", content=nested(depth), headers=JSON)
    assert told(answer) == (400, "malformed-body")


async def test_json_of_64_levels_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/t/wish", content=nested(64), headers=JSON)
    assert answer.json()["errors"][0]["code"] == "invalid-type"


@pytest.mark.parametrize(
    "text",
    ["[" * 1000, '\\"' + "[" * 1000, "\\\\", "{" * 500 + "\\u005b" * 100],
)
async def test_brackets_in_a_text_are_no_depth(client: httpx.AsyncClient, text: str) -> None:
    body = f'{{"name": "x", "labels": {{"{text}": 1}}, "lamps": [{",".join(["{}"] * 100)}]}}'.encode()
    answer = await client.post("/t/wish", content=body, headers=JSON)
    assert answer.json()["errors"][0]["pointer"] == "/lamps/0/color"


def test_a_text_without_an_end_is_looked_through_once() -> None:
    body = b'{"name": "' + b'\\"[' * 300_000
    with pytest.raises(BadRequest, match="malformed-body"):
        bodies.decode(body, dict)


# -- how slow


async def test_a_body_that_does_not_come_is_not_waited_for(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BODY_WITHIN", 0.01)
    sent, begun = list[Any](), False
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": "/t/wish", "query_string": b"", "headers": headers}

    async def receive() -> object:
        nonlocal begun
        if begun:
            await asyncio.Event().wait()
        begun = True
        return {"type": "http.request", "body": b"{", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    async with opened(app):
        await app(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_who_sends_fast_enough_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(bounds, "monotonic", lambda: now)

    async def receive() -> dict[str, object]:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b" " * bounds.BYTES_A_SECOND, "more_body": True}

    timed = bounds.patient(receive)  # type: ignore[arg-type]
    for _ in range(100):
        now += 1
        await timed()
    now += bounds.BODY_WITHIN
    with pytest.raises(BadRequest, match="request-timeout"):
        await timed()


# -- by which way


@pytest.fixture
def strict(house: House, tmp_path: Path) -> Litestar:
    """Behind one proxy, for HTTPS only."""
    settings = Settings(
        data_dir=tmp_path,
        public_base_url=SHOP,
        allowed_hosts=("shop.example", "www.shop.example"),
        https_redirect=True,
        hsts=31_536_000,
        trusted_proxies=1,
    )
    return build_app(settings, container_of(house, settings), ROUTES)


async def asked(app: Litestar, method: str = "GET", path: str = "/t/plain", **headers: str) -> httpx.Response:
    given = {"Host": "shop.example"} | {name.replace("_", "-"): value for name, value in headers.items()}
    async with opened(app) as client:
        return await client.request(method, path, headers=given)


async def test_who_reads_in_the_open_is_sent_on(strict: Litestar) -> None:
    answer = await asked(strict, path="/t/plain?q=a%20b&x=%E2%82%AC", X_Forwarded_Proto="http", Host="www.shop.example")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{SHOP}/t/plain?q=a%20b&x=%E2%82%AC"
    assert "strict-transport-security" not in answer.headers
    assert (await asked(strict, "HEAD")).status_code == 308


@pytest.mark.parametrize("path", ["//evil.example/", "/%0d%0aSet-Cookie:a=b", "/\\evil.example", "/@evil.example"])
async def test_nobody_is_sent_elsewhere(strict: Litestar, path: str) -> None:
    location = (await asked(strict, path=f"http://shop.example{path}")).headers["location"]
    assert httpx.URL(location).host == "shop.example"
    assert location.startswith(f"{SHOP}/")
    assert location.isprintable()


async def test_what_was_sent_in_the_open_is_refused(strict: Litestar) -> None:
    assert told(await asked(strict, "POST", "/t/wish", X_Forwarded_Proto="http")) == (403, "https-required")


async def test_over_https_it_is_promised_to_stay_so(strict: Litestar) -> None:
    answer = await asked(strict, X_Forwarded_Proto="https")
    assert (answer.status_code, answer.headers["strict-transport-security"]) == (200, YEAR)
    refused = await asked(strict, path="/nowhere", X_Forwarded_Proto="HTTPS")
    assert (refused.status_code, refused.headers["strict-transport-security"]) == (404, YEAR)


@pytest.mark.parametrize("forged", ["https, http", "https,http", "http"])
async def test_what_the_caller_says_left_of_the_proxy_does_not_count(strict: Litestar, forged: str) -> None:
    assert (await asked(strict, X_Forwarded_Proto=forged)).status_code == 308


async def test_without_proxies_nobody_is_believed(house: House, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, public_base_url=SHOP, https_redirect=True, hsts=1)
    app = build_app(settings, container_of(house, settings), ROUTES)
    assert (await asked(app, X_Forwarded_Proto="https")).status_code == 308


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/", "/api/health_check"])
async def test_health_is_told_in_the_open(strict: Litestar, path: str) -> None:
    assert (await asked(strict, path=path, Host="10.0.0.7")).status_code == 200


async def test_a_foreign_host_is_sent_nowhere(strict: Litestar) -> None:
    assert told(await asked(strict, Host="evil.example")) == (400, "invalid-host")


# -- for whom


@pytest.mark.parametrize(
    "name", ["Host", "Authorization", "Content-Type", "Idempotency-Key", "X-Cart-Token", "X-Request-ID"]
)
async def test_what_may_stand_there_once_is_refused_twice(client: httpx.AsyncClient, name: str) -> None:
    one = [(name, "localhost" if name == "Host" else "request-1")]
    others = [] if name == "Host" else [("Host", "localhost")]
    twice = httpx.Request("GET", "http://localhost:8000/t/plain", headers=[*others, *one, *one])
    assert told(await client.send(twice)) == (400, "malformed-request")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/t/staff"},
        {"X-Rewrite-URL": "/t/staff"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Forwarded-Prefix": "/evil"},
        {"X-Forwarded-Proto": "https"},
        {"Cookie": "access=root"},
    ],
)
async def test_headers_that_others_obey_change_nothing(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    plain, tricked = await client.get("/t/plain"), await client.get("/t/plain", headers=headers)
    assert (tricked.status_code, tricked.content) == (plain.status_code, plain.content)
    assert "evil" not in str(tricked.headers)
    assert (await client.get("/t/who", headers=headers)).status_code == 401


async def test_every_answer_carries_what_protects_who_reads_it(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/t/plain"), await client.get("/nowhere"), await client.post("/t/wish")):
        assert {name: answer.headers.get(name) for name in PROTECTING} == PROTECTING
        assert "set-cookie" not in answer.headers
        assert "x-powered-by" not in answer.headers


PROTECTING = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-permitted-cross-domain-policies": "none",
    "server": "tradepost",
}
