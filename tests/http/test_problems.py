"""Every refusal is a problem of the right status, code and words, and tells nothing that it should not."""

import json
from typing import Any

import httpx
import pytest

from domain.errors import DomainError
from entrypoints.http import messages, pages, problems
from tests.http.conftest import THING, bearer

MEMBERS = {"type", "title", "status", "detail", "code", "trace_id"}


def told(response: httpx.Response) -> tuple[int, str]:
    """Status and code, after a look at all that a problem must have."""
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["trace_id"] == response.headers["x-request-id"]
    assert problem.keys() >= MEMBERS
    assert problem["title"] and problem["detail"]
    return response.status_code, problem["code"]


def wrong(response: httpx.Response) -> list[tuple[str, str]]:
    """Pointer and code of each wrong field of a 422."""
    assert told(response) == (422, "validation-error")
    assert all(error["message"] for error in response.json()["errors"])
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("not-found", 404, "not-found"),
        ("forbidden", 403, "forbidden"),
        ("invalid", 422, "plainly-invalid"),
        ("field", 422, "validation-error"),
        ("conflict", 409, "conflict"),
        ("stock", 409, "insufficient-stock"),
        ("state", 409, "order-not-cancellable"),
        ("declined", 402, "payment-declined"),
        ("credentials", 401, "invalid-credentials"),
        ("stale", 409, "conflict"),
        ("busy", 503, "busy"),
        ("away", 503, "unavailable"),
        ("fault", 500, "internal-error"),
        ("bug", 500, "internal-error"),
    ],
)
async def test_each_kind_of_error_has_its_status(client: httpx.AsyncClient, name: str, status: int, code: str) -> None:
    assert told(await client.get(f"/t/raise/{name}")) == (status, code)


async def test_the_facts_of_an_error_stand_beside_its_code(client: httpx.AsyncClient) -> None:
    stock = (await client.get("/t/raise/stock")).json()
    assert stock["items"] == [{"sku": "LAMP", "requested": 3, "available": 1}]
    assert (await client.get("/t/raise/declined")).json()["decline_code"] == "insufficient_funds"
    assert (await client.get("/t/raise/state")).json()["allowed"] == ["delivered"]
    assert (await client.get("/t/raise/away")).json()["part"] == "database"
    assert wrong(await client.get("/t/raise/field")) == [("/shipping_address/city", "required")]


async def test_headers_tell_what_to_do_next(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/raise/credentials")).headers["www-authenticate"] == "Bearer"
    assert (await client.get("/t/raise/busy")).headers["retry-after"] == "1"
    assert (await client.get("/t/raise/away")).headers["retry-after"] == "1"


async def test_what_went_wrong_inside_stays_inside(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    response = await client.get("/t/raise/bug")
    assert "SELECT" not in response.text and "passwd" not in response.text and "Traceback" not in response.text
    assert "ZeroDivisionError" in caplog.text


async def test_no_route_no_method(client: httpx.AsyncClient) -> None:
    assert told(await client.get("/nowhere")) == (404, "not-found")
    assert told(await client.get("/t/things/not-a-uuid")) == (404, "not-found")
    assert told(await client.get("/t/plain/deeper")) == (404, "not-found")
    refused = await client.post("/t/plain")
    assert told(refused) == (405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await client.put(f"/t/things/{THING}")).headers["allow"] == "DELETE, GET, HEAD, OPTIONS"


BROKEN = {
    "cut off": b'{"name": ',
    "words": b"hello",
    "two values": b"{} {}",
    "not UTF-8": b'{"name": "\xff"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "a raw control character": b'{"name": "a\x01b"}',
    "NaN": b'{"name": "x", "weight": NaN}',
    "single quotes": b"{'name': 'x'}",
    "nested deeper than any meant thing": b'{"name": ' + b"[" * 100_000,
    "nested and well-formed": b'{"name": "x", "nope": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
async def test_what_is_no_json_is_400(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/t/wish", content=body, headers={"Content-Type": "application/json"})
    assert told(response) == (400, "malformed-body")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/name", "required"),
        ([], "", "invalid-type"),
        ("text", "", "invalid-type"),
        ({"name": None}, "/name", "invalid-type"),
        ({"name": 1}, "/name", "invalid-type"),
        ({"name": ""}, "/name", "too-short"),
        ({"name": "x" * 21}, "/name", "too-long"),
        ({"name": "x", "nope": 1}, "/nope", "unknown-field"),
        ({"name": "x", "count": "2"}, "/count", "invalid-type"),
        ({"name": "x", "count": 2.0}, "/count", "invalid-type"),
        ({"name": "x", "count": 1.5}, "/count", "invalid-type"),
        ({"name": "x", "count": True}, "/count", "invalid-type"),
        ({"name": "x", "count": 2**63}, "/count", "out-of-range"),
        ({"name": "x", "count": -(2**63) - 1}, "/count", "out-of-range"),
        ({"name": "x", "count": 10**30}, "/count", "out-of-range"),
        ({"name": "x", "lamps": [{"color": "red", "watts": 101}]}, "/lamps/0/watts", "out-of-range"),
        ({"name": "x", "lamps": [{"color": "red"}, {"watts": 1}]}, "/lamps/1/color", "required"),
        ({"name": "x", "lamps": [{"color": "red", "hue": 1}]}, "/lamps/0/hue", "unknown-field"),
        ({"name": "x", "lamps": {}}, "/lamps", "invalid-type"),
        ({"name": "x", "labels": {"a/b": "1"}}, "/labels", "invalid-type"),
        ({"name": "x", "day": "tomorrow"}, "/day", "invalid-format"),
        ({"name": "x", "thing": "1234"}, "/thing", "invalid-format"),
        ({"name": "x", "kind": "odd"}, "/kind", "invalid-choice"),
        ({"name": "a\x00b"}, "/name", "invalid-text"),
        ({"name": "x", "lamps": [{"color": "\x00"}]}, "/lamps/0/color", "invalid-text"),
        ({"name": "x", "labels": {"\x00": 1}}, "/labels", "invalid-text"),
    ],
)
async def test_what_does_not_fit_is_422_at_its_place(
    client: httpx.AsyncClient, body: Any, pointer: str, code: str
) -> None:
    assert wrong(await client.post("/t/wish", json=body)) == [(pointer, code)]


async def test_what_only_looks_dangerous_is_taken(client: httpx.AsyncClient) -> None:
    body = rb'{"name": "a\\u0000b", "count": 9223372036854775807}'
    response = await client.post("/t/wish", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 201
    assert response.json()["name"] == r"a\u0000b"
    assert response.json()["count"] == 2**63 - 1
    digits = await client.post("/t/wish", json={"name": "1" * 20})
    assert digits.status_code == 201


async def test_an_absent_body_counts_as_an_empty_object(client: httpx.AsyncClient) -> None:
    assert (await client.post("/t/public")).json() == {"text": "", "signed_in": False}
    assert (await client.post("/t/public", headers={"Content-Type": "text/plain"})).status_code == 201
    assert wrong(await client.post("/t/wish")) == [("/name", "required")]
    assert (await client.post("/t/raw")).json() == {"bytes": 0}


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("Application/JSON", 201),
        ("application/merge-patch+json", 201),
        (None, 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonish", 415),
        ("text/json", 415),
    ],
)
async def test_a_body_is_json_or_415(client: httpx.AsyncClient, media_type: str | None, status: int) -> None:
    headers = {"Content-Type": media_type} if media_type else {}
    response = await client.post("/t/wish", content=b'{"name": "x"}', headers=headers)
    assert response.status_code == status
    if status == 415:
        assert told(response) == (415, "unsupported-media-type")


async def test_a_body_beyond_1_mib_is_413(client: httpx.AsyncClient) -> None:
    just = json.dumps({"name": "x"}).encode().ljust(1 << 20)
    assert (await client.post("/t/wish", content=just)).status_code == 201
    assert told(await client.post("/t/wish", content=just + b" ")) == (413, "content-too-large")

    async def dripping() -> Any:
        for _ in range(65):
            yield b" " * (1 << 14)

    assert told(await client.post("/t/wish", content=dripping())) == (413, "content-too-large")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("page_size=0", [("page_size", "out-of-range")]),
        ("page_size=101", [("page_size", "out-of-range")]),
        ("page_size=-1", [("page_size", "out-of-range")]),
        ("page_size=ten", [("page_size", "invalid-type")]),
        ("page_size=", [("page_size", "invalid-type")]),
        ("page_size=99999999999999999999999999", [("page_size", "out-of-range")]),
        ("limit=10&in_stock=perhaps", [("in_stock", "invalid-type"), ("limit", "out-of-range")]),
        ("cursor=" + "x" * 2049, [("cursor", "too-long")]),
        ("tag=%00", [("tag", "invalid-text")]),
        ("a%00b=1", [("ab", "invalid-text")]),
    ],
)
async def test_a_wrong_parameter_is_422_by_its_name(
    client: httpx.AsyncClient, query: str, expected: list[tuple[str, str]]
) -> None:
    assert sorted(wrong(await client.get(f"/t/list?{query}"))) == sorted(expected)


async def test_a_missing_parameter_is_422_by_its_name(client: httpx.AsyncClient) -> None:
    assert wrong(await client.get("/t/needed")) == [("q", "required")]
    assert wrong(await client.get("/t/needed?Q=1")) == [("q", "required")]


@pytest.mark.parametrize("path", ["/t/raise/%00", "/t/%ED%A0%80"])
async def test_a_path_of_no_meaning_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert told(await client.get(path)) == (404, "not-found")


# -- words


@pytest.mark.parametrize(
    ("wanted", "language", "title"),
    [
        (None, "en", "There is nothing here."),
        ("de", "de", "Hier ist nichts."),
        ("fr-CA, en;q=0.5", "fr", "Il n'y a rien ici."),
        ("en;q=0.2, de-AT;q=0.9", "de", "Hier ist nichts."),
        ("ja, *;q=0.1", "en", "There is nothing here."),
        ("de;q=0, en", "en", "There is nothing here."),
        ("de;q=loud", "en", "There is nothing here."),
        (",;,;q==", "en", "There is nothing here."),
    ],
)
async def test_problems_speak_the_callers_language(
    client: httpx.AsyncClient, wanted: str | None, language: str, title: str
) -> None:
    response = await client.get("/nowhere", headers={"Accept-Language": wanted} if wanted else {})
    assert response.json()["title"] == title
    assert response.headers["content-language"] == language
    assert "Accept-Language" in response.headers["vary"]


async def test_wrong_fields_are_told_in_the_callers_language(client: httpx.AsyncClient) -> None:
    response = await client.post("/t/wish", json={}, headers={"Accept-Language": "de"})
    assert response.json()["errors"] == [{"pointer": "/name", "code": "required", "message": "wird benötigt"}]
    assert response.json()["detail"] == "/name: wird benötigt"
    asked = await client.get("/t/raise/field", headers={"Accept-Language": "fr"})
    assert asked.json()["errors"][0]["message"] == "est obligatoire"
    asked = await client.get("/t/raise/field")
    assert asked.json()["errors"][0]["message"] == "must not be empty"


def test_a_code_without_a_text_speaks_for_itself() -> None:
    assert messages.problem("cats-and-dogs", "de") == "Cats and dogs."
    assert messages.field("no-cats", "en") == "No cats."


def test_all_languages_know_the_same_codes() -> None:
    for language, texts in messages.TEXTS.items():
        assert texts.problems.keys() == messages.TEXTS["en"].problems.keys(), language
        assert texts.fields.keys() == messages.TEXTS["en"].fields.keys(), language


def test_every_code_that_can_be_answered_has_a_text() -> None:
    ours = pages.codes().keys() - {"plainly-invalid"}
    assert sorted(ours - messages.TEXTS["en"].problems.keys()) == []


def test_only_the_five_kinds_and_missing_credentials_are_the_callers_fault() -> None:
    assert problems.status_of(DomainError) is None


async def test_the_problems_page_lists_every_code(client: httpx.AsyncClient) -> None:
    page = await client.get("/problems/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for code in ("not-found", "insufficient-stock", "payment-declined", "busy", "validation-error", "token-reused"):
        assert f"<code>{code}</code>" in page.text
        one = await client.get(f"/problems/{code}")
        assert one.status_code == 200 and f"<code>{code}</code>" in one.text
    assert told(await client.get("/problems/no-such-code")) == (404, "not-found")
    assert "Hier ist nichts." in (await client.get("/problems", headers={"Accept-Language": "de"})).text


async def test_authorisation_comes_before_the_body(client: httpx.AsyncClient) -> None:
    async def broken(name: str | None) -> httpx.Response:
        headers = {"Content-Type": "text/plain"} | (bearer(name) if name else {})
        return await client.post("/t/staff", content=b"{", headers=headers)

    assert told(await broken(None)) == (401, "not-authenticated")
    assert told(await broken("nobody")) == (401, "token-invalid")
    assert told(await broken("ann")) == (403, "forbidden")
    assert told(await broken("root")) == (415, "unsupported-media-type")
