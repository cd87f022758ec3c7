"""Decodes what was uploaded and encodes its pixels anew: no metadata and no second picture comes through."""

import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from adapters.media.headers import MOST_SCANS, jpeg_scans, kind_of, webp_size
from application.ports import MismatchedImage, Picture
from domain.errors import InvalidField

MOST_PIXELS = 25_000_000
LONGEST_SIDE = 10_000
QUALITY = 90
THUMBNAIL_QUALITY = 80
CLAIMS = {
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/pjpeg": "JPEG",
    "image/png": "PNG",
    "image/x-png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
NO_CLAIM = {None, "", "application/octet-stream"}
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif"}
# Modes in which each kind is stored as it is; whatever else comes is brought to RGB, or RGBA where it has an alpha.
KEPT_MODES = {"JPEG": {"L", "RGB"}, "PNG": {"1", "L", "LA", "P", "RGB", "RGBA"}, "WEBP": {"RGB", "RGBA"}}
# What Pillow's decoders raise at damaged files.
DAMAGE = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error, EOFError)

warnings.simplefilter("error", Image.DecompressionBombWarning)


def develop(data: bytes, claimed: str | None) -> Picture:
    """Upright, in sRGB, of several frames the first."""
    kind = kind_of(data)
    if claimed not in NO_CLAIM and CLAIMS.get(claimed or "") != kind:
        raise MismatchedImage
    with _readable():
        image = _opened(data, kind)
        image.load()
        return Picture(_encoded(_in_srgb(ImageOps.exif_transpose(image)), kind), SUFFIXES[kind])


def shrink(data: bytes, sides: Sequence[int]) -> list[bytes]:
    kind = kind_of(data)
    with _readable():
        image = _opened(data, kind)
        image.draft("RGB", (max(sides) * 2, max(sides) * 2))  # a JPEG is decoded no larger than it takes
        image.load()
        plain = _plain(image)
        return [_thumbnail(plain, side) for side in sides]


def _thumbnail(image: Image.Image, side: int) -> bytes:
    small, out = image.copy(), BytesIO()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.save(out, "WEBP", quality=THUMBNAIL_QUALITY, method=4)
    return out.getvalue()


@contextmanager
def _readable() -> Iterator[None]:
    """Name what a file that cannot be decoded is."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except DAMAGE as error:
        raise InvalidField("/image", "broken-image", "cannot be decoded") from error


def _opened(data: bytes, kind: str) -> Image.Image:
    """Its header is read, and none of its pixels. Raises InvalidField for one that would take too much."""
    if kind == "WEBP":
        _check_size(webp_size(data))
    if kind == "JPEG" and jpeg_scans(data) > MOST_SCANS:
        raise _too_large()
    image = Image.open(BytesIO(data), formats=[kind])
    _check_size(image.size)
    return image


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS or max(size) > LONGEST_SIDE:
        raise _too_large()


def _too_large() -> InvalidField:
    return InvalidField("/image", "too-many-pixels", f"at most {MOST_PIXELS // 1_000_000} megapixels")


def _in_srgb(image: Image.Image) -> Image.Image:
    """With the colours that its profile means."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=target)
    except (ImageCms.PyCMSError, *DAMAGE):  # a profile that says nothing
        return image
    return converted or image


def _encoded(image: Image.Image, kind: str) -> bytes:
    if kind == "GIF":
        image = image if image.mode in {"P", "L", "1"} else _plain(image)
    elif image.mode not in KEPT_MODES[kind]:
        image = _plain(image)
    transparency = image.info.get("transparency")
    image.info = {} if transparency is None else {"transparency": transparency}
    out = BytesIO()
    match kind:
        case "JPEG":
            image.save(out, kind, quality=QUALITY, optimize=True, progressive=True)
        case "WEBP":
            image.save(out, kind, quality=QUALITY, method=4)
        case _:
            image.save(out, kind)
    return out.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    """In RGB, or RGBA where parts of it can be seen through."""
    if image.mode.startswith("I"):  # 16 bits of grey, of which the upper eight are kept
        image = image.point(lambda level: level / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
