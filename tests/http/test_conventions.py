"""What holds for every route: paths, methods, headers, codings, who asks, lists, idempotency keys."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar

from domain.errors import InvalidField
from entrypoints.container import make_container
from entrypoints.http import lists
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.conftest import on_machines
from tests.http.conftest import ANN, ROUTES, THING, House, bearer, container_of, opened
from tests.http.test_problems import told, wrong

SHOP = {"Origin": "https://shop.example"}


# -- paths and methods


async def test_a_path_answers_with_and_without_its_trailing_slash(client: httpx.AsyncClient) -> None:
    for path in ("/t/plain", "/t/plain/", f"/t/things/{THING}", f"/t/things/{THING}/", "/health", "/health/"):
        assert (await client.get(path)).status_code == 200, path
    assert (await client.post("/t/wish/", json={"name": "x"})).status_code == 201


async def test_head_answers_as_get_without_the_body(client: httpx.AsyncClient) -> None:
    head, got = await client.head("/t/long"), await client.get("/t/long")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["etag"] == '"7.3"'
    missing = await client.head("/nowhere")
    assert (missing.status_code, missing.content) == (404, b"")
    assert (await client.head("/t/wish")).status_code == 405


async def test_options_names_the_methods(client: httpx.AsyncClient) -> None:
    asked = await client.options("/t/plain/")
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert (await client.options(f"/t/things/{THING}")).headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    assert (await client.options("/t/who", headers=bearer("nobody"))).status_code == 204


# -- headers


async def test_a_sane_request_id_is_kept_and_any_other_replaced(client: httpx.AsyncClient) -> None:
    for sane in ("abcdefgh", "3f-A_b.9" * 16):
        assert (await client.get("/t/plain", headers={"X-Request-ID": sane})).headers["x-request-id"] == sane
    for insane in ("short", "x" * 129, "with space", "<script>", 'a"b"c"d"e', "{jndi:ldap}"):
        given = (await client.get("/t/plain", headers={"X-Request-ID": insane})).headers["x-request-id"]
        assert given != insane and len(given) == 32


async def test_every_answer_is_armoured(client: httpx.AsyncClient) -> None:
    for path in ("/t/plain", "/nowhere", "/", "/api/docs/", "/t/raise/bug", "/media/none.png"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin", path
        assert "default-src 'none'" in headers["content-security-policy"], path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert "x-request-id" in headers, path


async def test_problems_and_api_answers_are_not_stored(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nowhere")).headers["cache-control"] == "no-store"
    assert (await client.get("/api/nowhere")).headers["cache-control"] == "no-store"
    assert "cache-control" not in (await client.get("/t/plain")).headers


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("br, gzip;q=0.8", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.000, br", None),
        ("identity", None),
        ("br", None),
        ("", None),
    ],
)
async def test_long_answers_are_packed_when_asked(client: httpx.AsyncClient, accepted: str, coding: str | None) -> None:
    async with client.stream("GET", "/t/long", headers={"Accept-Encoding": accepted}) as response:
        raw = b"".join([part async for part in response.aiter_raw()])
    assert response.headers.get("content-encoding") == coding
    assert response.headers["content-length"] == str(len(raw))
    assert "Accept-Encoding" in response.headers["vary"]
    assert response.headers["etag"] == '"7.3"'
    body = gzip.decompress(raw) if coding else raw
    assert msgspec.json.decode(body) == ["lamp" * 10] * 200


async def test_short_answers_are_not_worth_packing(client: httpx.AsyncClient) -> None:
    assert "content-encoding" not in (await client.get("/t/plain")).headers


# -- hosts and origins


async def of_host(app: Litestar, host: str) -> httpx.Response:
    async with opened(app) as client:
        return await client.get("/t/plain", headers={"Host": host})


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:1", "[::1]:8000", "shop.localhost", "10.0.0.7"]
)
async def test_without_settings_this_machine_is_served(app: Litestar, host: str) -> None:
    assert (await of_host(app, host)).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "notlocalhost"])
async def test_without_settings_a_foreign_name_is_refused(app: Litestar, host: str) -> None:
    assert told(await of_host(app, host)) == (400, "invalid-host")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("shop.example", 200),
        ("SHOP.example:443", 200),
        ("localhost", 400),
        ("127.0.0.1", 400),
        ("a.shop.example", 400),
        ("shop.example.evil.example", 400),
        ("", 400),
    ],
)
async def test_allowed_hosts_match_exactly(house: House, tmp_path: Path, host: str, status: int) -> None:
    settings = Settings(data_dir=tmp_path, allowed_hosts=("shop.example",))
    app = build_app(settings, container_of(house, settings), ROUTES)
    assert (await of_host(app, host)).status_code == status
    async with opened(app) as client:
        assert (await client.get("/health/live/", headers={"Host": "10.1.2.3"})).status_code == 200


async def test_an_allowed_origin_may_read_the_answer(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/t/plain", headers=SHOP)).headers
    assert headers["access-control-allow-origin"] == "https://shop.example"
    exposed = headers["access-control-expose-headers"].split(", ")
    for name in ("X-Request-ID", "X-Cart-Token", "ETag", "Location", "Idempotent-Replayed", "Retry-After", "RateLimit"):
        assert name in exposed
    assert "Origin" in headers["vary"]
    refused = await client.get("/nowhere", headers=SHOP)
    assert refused.headers["access-control-allow-origin"] == "https://shop.example"


@pytest.mark.parametrize(
    "origin", ["https://shop.example.evil", "http://shop.example", "null", "https://shop.example:444"]
)
async def test_another_origin_may_not(client: httpx.AsyncClient, origin: str) -> None:
    headers = (await client.get("/t/plain", headers={"Origin": origin})).headers
    assert "access-control-allow-origin" not in headers
    assert "Origin" in headers["vary"]
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in (await client.options("/t/wish", headers=asked)).headers


async def test_a_preflight_says_what_is_allowed(client: httpx.AsyncClient) -> None:
    asked = SHOP | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key"}
    answer = await client.options("/t/staff", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "POST" in answer.headers["access-control-allow-methods"]
    for name in ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Cart-Token"):
        assert name in answer.headers["access-control-allow-headers"]


# -- who asks


@pytest.mark.parametrize(
    ("path", "authorization", "status"),
    [
        ("/t/anybody", None, 200),
        ("/t/anybody", "Bearer ann", 200),
        ("/t/anybody", "bearer ann", 200),
        ("/t/anybody", "Bearer nobody", 401),
        ("/t/anybody", "Bearer", 401),
        ("/t/anybody", "Bearer ", 401),
        ("/t/anybody", "Basic YW5uOmFubg==", 401),
        ("/t/anybody", "ann", 401),
        ("/t/who", None, 401),
        ("/t/who", "Bearer ann", 200),
        ("/t/who", "Bearer nobody", 401),
        ("/health/live", "Bearer nobody", 200),
        ("/", "Bearer nobody", 200),
    ],
)
async def test_who_may_ask(client: httpx.AsyncClient, path: str, authorization: str | None, status: int) -> None:
    response = await client.get(path, headers={"Authorization": authorization} if authorization else {})
    assert response.status_code == status
    if status == 401:
        assert response.headers["www-authenticate"] == "Bearer"


async def test_a_public_route_does_not_look_at_the_token(client: httpx.AsyncClient) -> None:
    response = await client.post("/t/public", json={"text": "hi"}, headers=bearer("nobody"))
    assert response.json() == {"text": "hi", "signed_in": False}


async def test_roles_decide(client: httpx.AsyncClient) -> None:
    statuses = [
        (await client.post("/t/staff", json={"name": "x"}, headers=bearer(n))).status_code for n in ("ann", "root")
    ]
    assert statuses == [403, 201]


# -- lists


async def test_references_keep_the_other_parameters(client: httpx.AsyncClient) -> None:
    page = (await client.get("/t/list/?tag=a&tag=b%26c&in_stock=true&page_size=1&cursor=HERE")).json()
    assert page["next"] == "/t/list/?tag=a&tag=b%26c&in_stock=true&page_size=1&cursor=NEXT"
    assert page["previous"] == "/t/list/?tag=a&tag=b%26c&in_stock=true&page_size=1&cursor=HERE"
    assert [thing["name"] for thing in page["results"]] == ["True ['a', 'b&c'] 5"]


async def test_a_first_page_has_nothing_before_it(client: httpx.AsyncClient) -> None:
    page = (await client.get("/t/list")).json()
    assert list(page) == ["next", "previous", "results"]
    assert (page["next"], page["previous"]) == ("/t/list/?cursor=NEXT", None)


async def test_unknown_parameters_are_ignored_and_the_last_of_repeated_ones_counts(client: httpx.AsyncClient) -> None:
    assert (await client.get("/t/list?utm_source=x&page_size=0&page_size=5")).status_code == 200
    assert wrong(await client.get("/t/list?page_size=5&page_size=0")) == [("page_size", "out-of-range")]


# -- idempotency keys


async def buy(client: httpx.AsyncClient, text: str, key: str | None = "k1", who: str = "ann") -> httpx.Response:
    headers = bearer(who) | ({"Idempotency-Key": key} if key is not None else {})
    return await client.post("/t/buy", json={"text": text}, headers=headers)


async def test_the_key_reaches_the_use_case(client: httpx.AsyncClient) -> None:
    made = await buy(client, "lamp")
    assert (made.status_code, made.json(), made.headers["location"]) == (201, {"key": "k1"}, "/t/things/1")
    assert "idempotent-replayed" not in made.headers
    assert (await buy(client, "lamp", key=None)).json() == {"key": None}


async def test_a_replayed_answer_says_so(client: httpx.AsyncClient) -> None:
    again = await buy(client, "again")
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, b'{"id":"1"}', "true")


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ümlaut".encode().decode("latin-1"), "tab\tbed"])
async def test_a_key_that_is_none_is_422(client: httpx.AsyncClient, key: str) -> None:
    headers = [(b"Authorization", b"Bearer ann"), (b"Idempotency-Key", key.encode("latin-1"))]
    assert told(await client.post("/t/buy", headers=headers)) == (422, "idempotency-key-invalid")


async def test_any_visible_ascii_is_a_key(client: httpx.AsyncClient) -> None:
    key = "".join(map(chr, range(0x21, 0x7F)))
    assert (await buy(client, "lamp", key)).json() == {"key": key}
    assert (await buy(client, "lamp", "x" * 255)).status_code == 201


async def test_a_refusal_is_kept_and_said_again(client: httpx.AsyncClient, house: House) -> None:
    first, again = await buy(client, "refuse"), await buy(client, "refuse")
    assert (first.status_code, again.status_code) == (409, 409)
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["content-type"] == "application/problem+json"
    other = await buy(client, "decline", key="k2")
    assert (other.status_code, len(house.notebook.kept)) == (402, 2)


async def test_what_may_end_otherwise_next_time_is_not_kept(client: httpx.AsyncClient, house: House) -> None:
    assert (await buy(client, "busy")).status_code == 503
    assert (
        await client.post("/t/buy", json={"no": 1}, headers=bearer("ann") | {"Idempotency-Key": "k"})
    ).status_code == 422
    assert (await client.post("/t/buy", headers={"Idempotency-Key": "k"})).status_code == 401
    assert house.notebook.kept == {}


async def test_without_a_key_nothing_is_kept(client: httpx.AsyncClient, house: House) -> None:
    assert (await buy(client, "refuse", key=None)).status_code == 409
    assert house.notebook.kept == {}


async def test_equal_requests_have_equal_keys(client: httpx.AsyncClient, house: House) -> None:
    for body in (b'{"text":"refuse"}', b' { "text" : "re\\u0066use" } '):
        await client.post("/t/buy", content=body, headers=bearer("ann") | {"Idempotency-Key": "k1"})
    await client.post("/t/buy/", content=b'{"text":"refuse"}', headers=bearer("ann") | {"Idempotency-Key": "k1"})
    await buy(client, "decline")
    one, two, three, other = house.notebook.seen
    assert one == two == three
    assert (one.actor, one.key, one.route, one.status) == (f"user:{ANN}", "k1", "POST /t/buy", 201)
    assert other.fingerprint != one.fingerprint


# -- media


@pytest.fixture
async def pictures(wire_settings: Settings, client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    media = wire_settings.data_dir / "media"
    (media / "sample").mkdir(parents=True)
    (media / "products").mkdir()
    (media / "products" / "lamp.jpg").write_bytes(b"\xff\xd8\xff")
    (media / "sample" / "page.html").write_text("<script>")
    (media / "sample" / "lamp.webp").write_bytes(b"RIFF....WEBP")
    (wire_settings.data_dir / "secret.webp").write_text("secret")
    (media / "way-out").symlink_to(wire_settings.data_dir)
    yield client


async def test_pictures_are_served_to_be_kept(pictures: httpx.AsyncClient) -> None:
    picture = await pictures.get("/media/sample/lamp.webp")
    assert (picture.status_code, picture.content) == (200, b"RIFF....WEBP")
    assert picture.headers["content-type"] == "image/webp"
    assert picture.headers["cache-control"] == "public, max-age=86400"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "attachment" not in picture.headers.get("content-disposition", "")
    again = await pictures.get("/media/sample/lamp.webp", headers={"If-None-Match": picture.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", picture.headers["etag"])
    head = await pictures.head("/media/sample/lamp.webp")
    assert (head.status_code, head.content) == (200, b"")


async def test_what_was_uploaded_never_changes(pictures: httpx.AsyncClient) -> None:
    picture = await pictures.get("/media/products/lamp.jpg")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert picture.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "../secret.webp",
        "products/..%2f..%2fsecret.webp",
        "products/%2e%2e/%2e%2e/secret.webp",
        "..%2fsecret.webp",
        "%2e%2e/secret.webp",
        "sample/../../secret.webp",
        "sample/..%2f..%2fsecret.webp",
        "..\\secret.webp",
        "way-out/secret.webp",
        "sample/page.html",
        "sample/none.webp",
        "sample/.hidden.webp",
        "sample/lamp.webp/deeper.webp",
        "%00",
        "sample",
        "",
        "/etc/passwd",
        "x" * 300,
    ],
)
async def test_no_path_leads_out(pictures: httpx.AsyncClient, path: str) -> None:
    response = await pictures.get(httpx.URL("http://localhost", raw_path=f"/media/{path}".encode()))
    assert told(response) == (404, "not-found")


# -- debug


async def test_in_debug_the_answer_says_how_many_statements_it_took(
    request: pytest.FixtureRequest, settings: Settings
) -> None:
    settings = on_machines(request, msgspec.structs.replace(settings, debug=True))
    container = make_container(settings)
    async with opened(build_app(settings, container)) as client:
        counts = [
            (await client.get(path)).headers["server-timing"]
            for path in ("/api/products/products/", "/health/live/", "/api/products/products/?page_size=1", "/nowhere")
        ]
    await container.close()
    assert counts == ['sql;desc="1"', 'sql;desc="0"', 'sql;desc="1"', 'sql;desc="0"']


async def test_otherwise_it_does_not(client: httpx.AsyncClient) -> None:
    assert "server-timing" not in (await client.get("/t/plain")).headers


async def test_a_race_that_the_database_let_somebody_else_win_is_run_again(client: httpx.AsyncClient) -> None:
    answer = await client.post("/t/race")
    assert (answer.status_code, answer.json()) == (201, {"losses": 0})


# -- moments in a query


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-22T10:00:00Z", 10),
        ("2026-11-22T10:00:00.5+02:00", 8),
        ("2026-11-22T10:00:00 02:00", 8),
        ("2026-11-22T10:00:00-00:30", 10),
        ("2026-11-22T10:00:00", 10),
    ],
)
def test_a_moment_is_read_in_utc(text: str, hour: int) -> None:
    moment = lists.read_moment("since", text)
    assert moment is not None and (moment.tzinfo, moment.hour) == (UTC, hour)


@pytest.mark.parametrize(
    "text", ["", "0.5", "1795341600", "2026-11-22", "0001-01-01T00:00:00+01:00", "yesterday", "\ud800"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        lists.read_moment("since", text)
    assert (refusal.value.pointer, refusal.value.reason) == ("since", "invalid-format")
