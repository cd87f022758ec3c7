"""What every place for pictures must do: in memory, in files, in a bucket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from adapters.media.objects import ObjectMedia, S3Access, local_media, s3_media
from adapters.memory.media import MemoryMedia
from application.ports import Media, Unavailable

KEY = "products/0190a000/0190b000.webp"
AMAZON = S3Access(region="eu-central-1")


@dataclass(frozen=True)
class Bucket:
    """A fresh one in a server that plays S3."""

    endpoint: str
    name: str

    @property
    def access(self) -> S3Access:
        return S3Access(key_id="test", secret="test", region="us-east-1", endpoint=self.endpoint)

    def media(self, prefix: str = "/shop") -> ObjectMedia:
        return s3_media(f"s3://{self.name}{prefix}", self.access)


@pytest.fixture
def bucket(s3_endpoint: str) -> Bucket:
    made = Bucket(s3_endpoint, f"pictures-{uuid4().hex}")
    assert httpx.put(f"{s3_endpoint}/{made.name}").status_code == 200
    return made


@pytest.fixture(params=["memory", "files", "bucket", "whole bucket"])
async def media(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Media]:
    match request.param:
        case "memory":
            yield MemoryMedia()
        case "files":
            yield local_media(tmp_path / "not" / "there yet")
        case "bucket":
            yield request.getfixturevalue("bucket").media()
        case _:
            yield request.getfixturevalue("bucket").media("")


async def test_what_was_put_is_got(media: Media) -> None:
    await media.put(KEY, b"RIFF")
    found = await media.get(KEY)
    assert found is not None
    assert (found.data, found.content_type) == (b"RIFF", "image/webp")
    assert found.tag.startswith('"')
    assert found.tag.endswith('"')
    assert len(found.tag) > 2


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.webp", "image/webp"), ("a.png", "image/png"), ("a.jpg", "image/jpeg"), ("a.gif", "image/gif")],
)
async def test_the_name_says_the_type(media: Media, name: str, content_type: str) -> None:
    await media.put(name, b"x")
    found = await media.get(name)
    assert found is not None
    assert found.content_type == content_type


async def test_an_address_leads_back_to_its_key(media: Media) -> None:
    url = await media.put(KEY, b"x")
    assert media.key(url) == KEY
    assert media.key("https://elsewhere.example/lamp.webp") is None
    assert media.key("/media/../secret.webp") is None
    assert media.key(KEY) is None


async def test_the_same_key_again_replaces_what_was_there(media: Media) -> None:
    await media.put(KEY, b"old")
    before = await media.get(KEY)
    await media.put(KEY, b"newer")
    after = await media.get(KEY)
    assert before is not None
    assert after is not None
    assert (after.data, after.tag != before.tag) == (b"newer", True)


async def test_what_is_removed_is_gone_and_the_rest_stays(media: Media) -> None:
    for key in ("a/1.webp", "a/2.webp", "b/1.webp"):
        await media.put(key, b"x")
    await media.remove(["a/1.webp", "b/1.webp"])
    found = [await media.get(key) for key in ("a/1.webp", "a/2.webp", "b/1.webp")]
    assert [each is not None for each in found] == [False, True, False]


async def test_removing_what_is_not_there_is_no_error(media: Media) -> None:
    await media.put("a/2.webp", b"x")
    await media.remove(["a/1.webp", "a/2.webp", "a/2.webp"])
    assert await media.get("a/2.webp") is None


@pytest.mark.parametrize(
    "key",
    [
        "../secret.webp",
        "a/../../secret.webp",
        "/etc/passwd.webp",
        "a//b.webp",
        "a/./b.webp",
        "a%2f..%2fb.webp",
        ".hidden.webp",
        "a\\b.webp",
        "lamp.svg",
        "lamp.html",
        "lamp",
        "",
        "x" * 200 + ".webp",
        "lamp\x00.webp",
        "lamp.webp\n",
    ],
)
async def test_what_is_no_key_is_neither_kept_nor_found(media: Media, key: str) -> None:
    with pytest.raises(ValueError):
        await media.put(key, b"x")
    assert await media.get(key) is None


# -- files


async def test_files_are_served_by_the_shop(tmp_path: Path) -> None:
    assert await local_media(tmp_path).put(KEY, b"x") == f"/media/{KEY}"
    assert (tmp_path / KEY).read_bytes() == b"x"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["0190b000.webp"]


async def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "secret.webp").write_text("secret")
    (tmp_path / "media" / "out").symlink_to(tmp_path)
    (tmp_path / "media" / "lamp.webp").symlink_to(tmp_path / "secret.webp")
    media = local_media(tmp_path / "media")
    assert [await media.get(key) for key in ("out/secret.webp", "lamp.webp")] == [None, None]


async def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.webp").mkdir()
    media = local_media(tmp_path)
    assert [await media.get(key) for key in ("a.webp", "a.webp/b.webp")] == [None, None]


# -- a bucket


async def test_a_bucket_serves_pictures_with_their_type_and_to_be_kept(bucket: Bucket) -> None:
    url = await bucket.media().put(KEY, b"RIFF")
    assert url == f"{bucket.endpoint}/{bucket.name}/shop/{KEY}"
    allowed = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket.name}/*",
    }
    async with httpx.AsyncClient() as client:
        policy = {"Version": "2012-10-17", "Statement": [allowed]}
        assert (await client.put(f"{bucket.endpoint}/{bucket.name}?policy", json=policy)).is_success
        served = await client.get(url)
    assert (served.status_code, served.content) == (200, b"RIFF")
    assert served.headers["content-type"] == "image/webp"
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("url", "access", "public_url", "expected"),
    [
        ("s3://lamps", AMAZON, None, "https://lamps.s3.eu-central-1.amazonaws.com/a.webp"),
        ("s3://lamps/", S3Access(), None, "https://lamps.s3.us-east-1.amazonaws.com/a.webp"),
        ("s3://lamps/shop/", AMAZON, None, "https://lamps.s3.eu-central-1.amazonaws.com/shop/a.webp"),
        ("s3://lamps/shop", S3Access(endpoint="http://minio:9000/"), None, "http://minio:9000/lamps/shop/a.webp"),
        ("s3://lamps/shop", AMAZON, "https://cdn.example/shop/", "https://cdn.example/shop/a.webp"),
    ],
)
def test_where_a_bucket_is_reached(url: str, access: S3Access, public_url: str | None, expected: str) -> None:
    assert s3_media(url, access, public_url).key(expected) == "a.webp"


async def test_addresses_from_before_the_move_into_a_bucket_go_on_working(bucket: Bucket) -> None:
    media = bucket.media()
    await media.put(KEY, b"RIFF")
    assert media.key(f"/media/{KEY}") == KEY


async def test_a_bucket_that_is_away_is_unavailable() -> None:
    media = s3_media("s3://lamps", S3Access(key_id="k", secret="s", endpoint="http://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="media"):
        await media.put(KEY, b"x")
    with pytest.raises(Unavailable, match="media"):
        await media.get(KEY)
    with pytest.raises(Unavailable, match="media"):
        await media.remove([KEY])


async def test_a_bucket_that_is_not_there_is_unavailable(bucket: Bucket) -> None:
    media = s3_media("s3://no-such-bucket", bucket.access)
    with pytest.raises(Unavailable, match="media"):
        await media.put(KEY, b"x")
