"""The darkroom: what becomes of a picture that was uploaded, and what is refused."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from adapters.media.darkroom import MOST_PIXELS
from adapters.media.headers import webp_size
from adapters.media.pictures import PillowPictures
from application.ports import MismatchedImage, Picture, UnsupportedImage
from domain.errors import InvalidField

RED, BLUE = (200, 10, 10), (10, 10, 200)
ORIENTATION, DESCRIPTION, TURNED_LEFT = 0x0112, 0x010E, 6
SECRET = "Ann's kitchen"
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}

pictures = PillowPictures()


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def a_picture(kind: str, size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    return written(Image.new("RGB", size, RED).convert(mode, palette=Image.Palette.ADAPTIVE), kind)


def noise(kind: str) -> bytes:
    return written(Image.effect_noise((120, 90), 60).convert("RGB"), kind)


def opened(picture: Picture | bytes) -> Image.Image:
    image = Image.open(BytesIO(picture if isinstance(picture, bytes) else picture.data))
    image.load()
    return image


def is_red(image: Image.Image) -> bool:
    red, green, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    return bool(red > 180 and green < 30 and blue < 30)


async def refusal(data: bytes, claimed: str | None = None) -> str:
    with pytest.raises(InvalidField) as refused:
        await pictures.develop(data, claimed)
    assert refused.value.pointer == "/image"
    return refused.value.reason


@pytest.mark.parametrize("kind", list(SUFFIXES))
async def test_a_picture_keeps_its_kind_and_size(kind: str) -> None:
    picture = await pictures.develop(a_picture(kind), None)
    image = opened(picture)
    assert (picture.suffix, image.format, image.size) == (SUFFIXES[kind], kind, (300, 200))
    assert is_red(image)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "P"), ("PNG", "1"), ("PNG", "LA"), ("PNG", "RGBA"), ("WEBP", "RGBA")],
)
async def test_whatever_its_colours_are_made_of(kind: str, mode: str) -> None:
    image = opened(await pictures.develop(a_picture(kind, mode=mode), None))
    assert (image.format, image.size) == (kind, (300, 200))
    assert mode in {"1", "L", "LA"} or is_red(image)


async def test_sixteen_bits_of_grey_become_eight() -> None:
    grey = Image.new("I;16", (40, 30), 128 * 256)
    image = opened(await pictures.develop(written(grey, "PNG"), None)).convert("L")
    assert image.getpixel((5, 5)) == 128


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
async def test_what_can_be_seen_through_stays_so(kind: str) -> None:
    image = Image.new("RGBA", (40, 30), (*RED, 255))
    image.paste((0, 0, 0, 0), (20, 0, 40, 30))
    kept = opened(await pictures.develop(written(image, kind), None)).convert("RGBA")
    alphas = [kept.getpixel(at)[3] for at in ((5, 5), (35, 5))]  # type: ignore[index]
    assert alphas == [255, 0]


def with_metadata(kind: str) -> bytes:
    exif = Image.Exif()
    exif[DESCRIPTION] = SECRET
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (300, 200), RED)
    match kind:
        case "JPEG":
            return written(image, kind, exif=exif, comment=SECRET, xmp=SECRET.encode(), icc_profile=profile)
        case "PNG":
            info = PngImagePlugin.PngInfo()
            info.add_text("Comment", SECRET)
            info.add_itxt("XML:com.adobe.xmp", SECRET)
            return written(image, kind, pnginfo=info, exif=exif, icc_profile=profile)
        case "WEBP":
            return written(image, kind, exif=exif, xmp=SECRET.encode(), icc_profile=profile)
    return written(image, kind, comment=SECRET)


@pytest.mark.parametrize("kind", list(SUFFIXES))
async def test_nothing_but_the_pixels_comes_through(kind: str) -> None:
    told = with_metadata(kind) + SECRET.encode()
    assert SECRET.encode() in told
    data = (await pictures.develop(told, None)).data
    assert not any(mark in data for mark in (SECRET.encode(), b"Exif", b"EXIF", b"eXIf", b"iCCP", b"ICC", b"XMP"))
    assert opened(data).size == (300, 200)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_is_turned_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_LEFT
    image = Image.new("RGB", (300, 200), RED)
    image.paste(BLUE, (0, 150, 300, 200))  # a blue foot, which turning brings to the left
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = opened(await pictures.develop(written(image, kind, exif=exif, icc_profile=profile), None)).convert("RGB")
    assert kept.size == (200, 300)
    left, right = kept.getpixel((10, 150)), kept.getpixel((190, 150))
    assert left[2] > 150 > left[0]  # type: ignore[index]
    assert right[0] > 150 > right[2]  # type: ignore[index]


async def test_a_profile_that_says_nothing_is_dropped() -> None:
    data = written(Image.new("RGB", (30, 20), RED), "JPEG", icc_profile=b"no profile")
    assert is_red(opened(await pictures.develop(data, None)))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_of_an_animation_the_first_frame_is_kept(kind: str) -> None:
    first, *rest = (Image.new("RGB", (60, 40), colour) for colour in (RED, BLUE, (0, 255, 0)))
    data = written(first, kind, save_all=True, append_images=rest, duration=100)
    assert getattr(opened(data), "n_frames", 1) == 3
    kept = opened(await pictures.develop(data, None))
    assert (getattr(kept, "n_frames", 1), is_red(kept)) == (1, True)


# -- what is refused


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"lamp",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"GIF88a" + b"\0" * 100,
        a_picture("BMP"),
        a_picture("TIFF"),
        a_picture("ICO", (32, 32)),
    ],
)
async def test_what_is_none_of_the_four_kinds_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedImage):
        await pictures.develop(data, "image/png")


@pytest.mark.parametrize(
    ("kind", "claimed"),
    [
        ("JPEG", "image/png"),
        ("PNG", "image/jpeg"),
        ("GIF", "image/webp"),
        ("WEBP", "image/svg+xml"),
        ("PNG", "text/html"),
    ],
)
async def test_a_picture_of_another_kind_than_it_claims_is_refused(kind: str, claimed: str) -> None:
    with pytest.raises(MismatchedImage):
        await pictures.develop(a_picture(kind), claimed)


@pytest.mark.parametrize("claimed", [None, "", "application/octet-stream", "image/jpeg", "image/jpg"])
async def test_a_claim_that_fits_or_says_nothing_is_fine(claimed: str | None) -> None:
    assert (await pictures.develop(a_picture("JPEG"), claimed)).suffix == ".jpg"


@pytest.mark.parametrize("kind", list(SUFFIXES))
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
async def test_half_a_picture_is_broken(kind: str, share: float) -> None:
    data = noise(kind)
    assert await refusal(data[: int(len(data) * share)]) == "broken-image"


@pytest.mark.parametrize("start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP"])
async def test_a_beginning_without_a_picture_is_broken(start: bytes) -> None:
    assert await refusal(start) == "broken-image"
    assert await refusal(start + b"<script>alert(1)</script>" * 50) in {"broken-image", "too-many-pixels"}


def png_of(width: int, height: int) -> bytes:
    """Without the pixels that it promises."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 10_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def gif_of(width: int, height: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HH", width, height)
        + b"\x80\0\0"
        + b"\0" * 6
        + b","
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x02\x02L\x01\0;"
    )


def webp_of(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size + b"\0" * 60
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_of(width: int, height: int) -> bytes:
    data = a_picture("JPEG", (16, 16))
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


@pytest.mark.parametrize("of", [png_of, gif_of, webp_of, jpeg_of])
@pytest.mark.parametrize("size", [(16_000, 16_000), (5_001, 5_000), (10_001, 1)])
async def test_what_would_take_too_much_room_is_refused_unseen(
    of: Callable[[int, int], bytes], size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: Any) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    assert MOST_PIXELS == 25_000_000
    assert await refusal(of(*size)) == "too-many-pixels"


async def test_a_jpeg_of_very_many_scans_is_refused() -> None:
    data = a_picture("JPEG")
    at = data.index(b"\xff\xda")
    scan = data[at : at + 14]
    assert await refusal(data[:at] + scan * 101 + data[at:]) == "too-many-pixels"


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_says_its_size_first(options: dict[str, Any], mode: str) -> None:
    assert webp_size(written(Image.new(mode, (321, 123)), "WEBP", **options)) == (321, 123)


# -- thumbnails


@pytest.mark.parametrize("kind", list(SUFFIXES))
async def test_a_thumbnail_is_a_webp_that_fits(kind: str) -> None:
    thumbnails = [opened(each) for each in await pictures.shrink(a_picture(kind, (1200, 600)), (256, 800))]
    assert [(each.format, each.size) for each in thumbnails] == [("WEBP", (256, 128)), ("WEBP", (800, 400))]
    assert all(map(is_red, thumbnails))


async def test_a_small_picture_is_not_blown_up() -> None:
    (thumbnail,) = await pictures.shrink(a_picture("PNG", (40, 30)), (256,))
    assert opened(thumbnail).size == (40, 30)


async def test_a_thumbnail_can_be_seen_through_where_its_picture_can() -> None:
    clear = written(Image.new("RGBA", (400, 400), (0, 0, 0, 0)), "PNG")
    (thumbnail,) = await pictures.shrink(clear, (256,))
    assert opened(thumbnail).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]


async def test_the_same_picture_makes_the_same_thumbnail() -> None:
    data = noise("JPEG")
    assert await pictures.shrink(data, (64,)) == await pictures.shrink(data, (64,))
