"""Pictures of products over HTTP: what is taken, what is refused and how, and how they are served."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from dishka import AsyncContainer
from PIL import Image

from domain.accounts import Role, User, UserId
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from entrypoints.shop import Shop, ShopClock
from tests.builders import NOW, new_id
from tests.http.conftest import opened
from tests.http.signing import a_token

IN_MEMORY = pytest.mark.parametrize("container", ["memory"], indirect=True)
LARGEST = 5 * 1024 * 1024
IMAGES = "/api/products/products/lamp/images/"
DETAIL = "/api/products/products/lamp/"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


PNG = picture()


@dataclass(frozen=True, slots=True)
class Counter:
    """Where a catalogue's manager, or somebody else, hands pictures in."""

    client: httpx.AsyncClient
    headers: dict[str, str]

    async def upload(
        self, data: bytes = PNG, claimed: str = "image/png", name: str = "lamp.png", to: str = IMAGES, **fields: str
    ) -> httpx.Response:
        return await self.client.post(to, files={"image": (name, data, claimed)}, data=fields, headers=self.headers)

    async def form(self, body: bytes | AsyncIterator[bytes], kind: str) -> httpx.Response:
        return await self.client.post(IMAGES, content=body, headers={**self.headers, "Content-Type": kind})

    async def patch(self, image: str, body: Any) -> httpx.Response:
        return await self.client.patch(f"{IMAGES}{image}/", json=body, headers=self.headers)

    async def delete(self, image: str) -> httpx.Response:
        return await self.client.delete(f"{IMAGES}{image}/", headers=self.headers)

    async def detail(self) -> Any:
        return (await self.client.get(DETAIL, headers=self.headers)).json()


@pytest.fixture
async def client(container: AsyncContainer, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    await Shop(container, ShopClock()).has("LAMP")
    async with opened(build_app(settings, container)) as client:
        yield client


async def at_counter(container: AsyncContainer, client: httpx.AsyncClient, *roles: Role) -> Counter:
    user = User.register(UserId(new_id()), f"{uuid4().hex}@example.com", "x", NOW, roles=roles)
    return Counter(client, {"Authorization": f"Bearer {await a_token(container, user)}"})


@pytest.fixture
async def staff(container: AsyncContainer, client: httpx.AsyncClient) -> Counter:
    return await at_counter(container, client, Role.CATALOG_MANAGER)


def refused(answer: httpx.Response, status: int, code: str, *fields: tuple[str, str]) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert [(error["pointer"], error["code"]) for error in problem.get("errors", [])] == list(fields)


async def test_an_image_is_uploaded_shown_and_served(staff: Counter, container: AsyncContainer) -> None:
    answer = await staff.upload(alt_text="Eine Lampe, schön", is_primary="true")
    made = answer.json()
    assert (answer.status_code, set(made)) == (
        201,
        {"id", "url", "thumbnails", "alt_text", "is_primary", "position"},
    )
    assert (made["alt_text"], made["is_primary"], made["position"]) == ("Eine Lampe, schön", True, 0)
    assert UUID(made["id"]).version == 7
    detail = await staff.detail()
    assert (detail["images"], detail["primary_image"]) == ([made], made["url"])
    served = await staff.client.get(made["url"])
    assert (served.status_code, served.headers["content-type"]) == (200, "image/png")
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert Image.open(BytesIO(served.content)).size == (60, 40)
    known = await staff.client.get(made["url"], headers={"If-None-Match": served.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_its_thumbnails_follow_and_the_detail_gets_another_tag(staff: Counter, container: AsyncContainer) -> None:
    made = (await staff.upload()).json()
    before = (await staff.client.get(DETAIL)).headers["etag"]
    await Shop(container, ShopClock()).deliver_events()
    answer = await staff.client.get(DETAIL, headers={"If-None-Match": before})
    assert answer.status_code == 200
    thumbnails = answer.json()["images"][0]["thumbnails"]
    assert made["url"] not in thumbnails.values()
    for url in thumbnails.values():
        served = await staff.client.get(url)
        assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")


async def test_an_image_is_changed_and_removed(staff: Counter, container: AsyncContainer) -> None:
    first, second = (await staff.upload()).json(), (await staff.upload()).json()
    answer = await staff.patch(second["id"], {"alt_text": "Back", "is_primary": True, "position": 0})
    assert (answer.status_code, answer.json()) == (
        200,
        {**second, "alt_text": "Back", "is_primary": True, "position": 0},
    )
    assert (await staff.detail())["images"] == [answer.json(), {**first, "is_primary": False, "position": 1}]
    assert (await staff.delete(second["id"])).status_code == 204
    assert (await staff.detail())["images"] == [first]
    refused(await staff.delete(second["id"]), 404, "image-not-found")
    await Shop(container, ShopClock()).deliver_events()
    assert (await staff.client.get(second["url"])).status_code == 404


@IN_MEMORY
@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/cron.d/x", "lamp.php", "a\x01b.png", "%2e%2e%2fx.png", "x" * 900],
)
async def test_of_the_files_name_nothing_is_left(staff: Counter, name: str) -> None:
    made = (await staff.upload(name=name)).json()
    product = (await staff.detail())["id"]
    assert made["url"] == f"/media/products/{product}/{made['id']}.png"


@IN_MEMORY
@pytest.mark.parametrize(
    ("data", "claimed"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/png"),
        (b"<!doctype html><script>alert(1)</script>", "text/html"),
        (b"%PDF-1.7", "application/pdf"),
        (b"a lamp", "text/plain"),
    ],
)
async def test_what_is_no_picture_is_415(staff: Counter, data: bytes, claimed: str) -> None:
    refused(await staff.upload(data, claimed), 415, "unsupported-image")
    assert (await staff.detail())["images"] == []


@IN_MEMORY
async def test_a_picture_of_another_type_than_it_claims_is_415(staff: Counter) -> None:
    refused(await staff.upload(picture("JPEG"), "image/png"), 415, "mismatched-image")
    refused(await staff.upload(PNG, "text/html"), 415, "mismatched-image")
    assert (await staff.upload(picture("JPEG"), "application/octet-stream")).json()["url"].endswith(".jpg")


@IN_MEMORY
async def test_a_broken_or_enormous_picture_is_422(staff: Counter) -> None:
    refused(await staff.upload(PNG[:40]), 422, "validation-error", ("/image", "broken-image"))
    refused(await staff.upload(picture(size=(10_001, 1))), 422, "validation-error", ("/image", "too-many-pixels"))


@IN_MEMORY
async def test_five_megabytes_are_the_most(staff: Counter) -> None:
    """What follows the picture's end in its file counts, and is not kept."""
    most = PNG + b"\0" * (LARGEST - len(PNG))
    made = await staff.upload(most)
    assert made.status_code == 201
    assert len((await staff.client.get(made.json()["url"])).content) < 1000
    refused(await staff.upload(most + b"\0"), 413, "content-too-large")
    refused(await staff.upload(b"\0" * (LARGEST + (1 << 16))), 413, "content-too-large")


def part(name: str, value: bytes, more: bytes = b"") -> bytes:
    return (
        b'--X\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + more + b"\r\n\r\n" + value + b"\r\n"
    )


FILE = b'; filename="x.png"\r\nContent-Type: image/png'


@IN_MEMORY
async def test_a_body_without_an_end_is_not_read_on(staff: Counter) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield part("image", b"", FILE)[:-2]
        while sent < 100 * LARGEST:
            sent += 1 << 16
            yield b"\0" * (1 << 16)

    refused(await staff.form(endless(), "multipart/form-data; boundary=X"), 413, "content-too-large")


@IN_MEMORY
@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (part("alt_text", b"x") + b"--X--\r\n", "/image", "required"),
        (part("image", b"", FILE) + b"--X--\r\n", "/image", "required"),
        (part("image", PNG, FILE) * 2 + b"--X--\r\n", "/image", "too-many"),
        (part("image", PNG, FILE) + part("position", b"1") + b"--X--\r\n", "/position", "unknown-field"),
        (part("image", PNG, FILE) + part("is_primary", b"maybe") + b"--X--\r\n", "/is_primary", "invalid-choice"),
        (part("image", PNG, FILE) + part("is_primary", b"t" * 99) + b"--X--\r\n", "/is_primary", "too-long"),
        (part("image", PNG, FILE) + part("alt_text", b"x" * 513) + b"--X--\r\n", "/alt_text", "too-long"),
        (part("image", PNG, FILE) + part("alt_text", b"x" * 9999) + b"--X--\r\n", "/alt_text", "too-long"),
        (part("image", PNG, FILE) + part("alt_text", b"a\nb") + b"--X--\r\n", "/alt_text", "invalid-format"),
        (part("image", PNG, FILE) + part("alt_text", b"\xff") + b"--X--\r\n", "/alt_text", "invalid-text"),
        (part("image", PNG, FILE) + part("alt_text", b"a\0b") + b"--X--\r\n", "/alt_text", "invalid-text"),
    ],
)
async def test_a_wrong_field_is_named(staff: Counter, body: bytes, pointer: str, code: str) -> None:
    answer = await staff.form(body, "multipart/form-data; boundary=X")
    refused(answer, 422, "validation-error", (pointer, code))


@IN_MEMORY
@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{}", "application/json", 415, "unsupported-media-type"),
        (PNG, "image/png", 415, "unsupported-media-type"),
        (b"image=x", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"", "", 415, "unsupported-media-type"),
        (b"", "multipart/form-data", 400, "malformed-body"),
        (b"", "multipart/form-data; boundary=X", 400, "malformed-body"),
        (b"lamp", "multipart/form-data; boundary=X", 400, "malformed-body"),
        (part("image", PNG, FILE), "multipart/form-data; boundary=X", 400, "malformed-body"),
        (b"--X\r\nA: b\r\n\r\nx\r\n--X--\r\n", "multipart/form-data; boundary=X", 400, "malformed-body"),
        (
            part("image", PNG, b"\r\nA: b" * 20) + b"--X--\r\n",
            "multipart/form-data; boundary=X",
            413,
            "content-too-large",
        ),
        (
            part("image", PNG, b"\r\nA: " + b"b" * 9999) + b"--X--\r\n",
            "multipart/form-data; boundary=X",
            413,
            "content-too-large",
        ),
    ],
)
async def test_what_is_no_form_is_refused(staff: Counter, body: bytes, kind: str, status: int, code: str) -> None:
    refused(await staff.form(body, kind), status, code)


@IN_MEMORY
@pytest.mark.parametrize("switch", ["true", "True", "false", "False", ""])
async def test_the_ways_in_which_forms_say_yes_and_no(staff: Counter, switch: str) -> None:
    await staff.upload()
    made = (await staff.upload(is_primary=switch)).json()
    assert made["is_primary"] == (switch.lower() == "true")


@IN_MEMORY
@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"position": -1}, "/position", "out-of-range"),
        ({"position": 50}, "/position", "out-of-range"),
        ({"is_primary": "true"}, "/is_primary", "invalid-type"),
        ({"alt_text": "x" * 513}, "/alt_text", "too-long"),
        ({"url": "https://x.example/"}, "/url", "unknown-field"),
    ],
)
async def test_a_wrong_change_is_named(staff: Counter, body: Any, pointer: str, code: str) -> None:
    made = (await staff.upload()).json()
    refused(await staff.patch(made["id"], body), 422, "validation-error", (pointer, code))


@IN_MEMORY
async def test_what_is_not_there_is_404(staff: Counter) -> None:
    refused(await staff.upload(to="/api/products/products/none/images/"), 404, "product-not-found")
    refused(await staff.patch(str(uuid4()), {}), 404, "image-not-found")
    refused(await staff.delete("lamp"), 404, "not-found")


@IN_MEMORY
@pytest.mark.parametrize("roles", [None, (), (Role.CUSTOMER,), (Role.ORDER_MANAGER, Role.ANALYST)])
async def test_only_catalogue_managers_may(
    container: AsyncContainer, client: httpx.AsyncClient, roles: tuple[Role, ...] | None
) -> None:
    """Decided before a byte of the body is read."""
    who = Counter(client, {}) if roles is None else await at_counter(container, client, *roles)
    status, code = (401, "not-authenticated") if roles is None else (403, "forbidden")
    refused(await who.upload(b"\0" * (LARGEST * 2)), status, code)
    refused(await who.patch(str(uuid4()), {}), status, code)
    refused(await who.delete(str(uuid4())), status, code)


@IN_MEMORY
@pytest.mark.parametrize(
    ("language", "title"), [("en", "JPEG, PNG, WebP or GIF"), ("de", "kein Bild"), ("fr", "pas une image")]
)
async def test_refusals_are_told_in_the_callers_language(staff: Counter, language: str, title: str) -> None:
    answer = await staff.client.post(
        IMAGES,
        files={"image": ("x", b"<svg/>", "image/svg+xml")},
        headers={**staff.headers, "Accept-Language": language},
    )
    assert title in answer.json()["title"]


@IN_MEMORY
async def test_other_bodies_stay_bounded_by_a_megabyte(staff: Counter) -> None:
    answer = await staff.client.patch(
        DETAIL,
        content=b'{"description":"' + b"x" * (1 << 20) + b'"}',
        headers={**staff.headers, "Content-Type": "application/json"},
    )
    refused(answer, 413, "content-too-large")
