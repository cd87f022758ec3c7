"""What a picture's first bytes say of it, read by ourselves before anything else touches the rest."""

from application.ports import UnsupportedImage

KINDS = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"))
MOST_SCANS = 100  # a progressive JPEG has about ten; each is a walk over all of the picture


def kind_of(data: bytes) -> str:
    """Raises UnsupportedImage."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    for start, kind in KINDS:
        if data.startswith(start):
            return kind
    raise UnsupportedImage


def webp_size(data: bytes) -> tuple[int, int]:
    """Pillow makes room for all of a WebP's pixels before it tells how many there are."""
    match data[12:16]:
        case b"VP8X":
            return _little(data[24:27]) + 1, _little(data[27:30]) + 1
        case b"VP8L":
            bits = _little(data[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF


def jpeg_scans(data: bytes) -> int:
    """At most so many: the marker cannot occur within the pixels, but may in metadata."""
    return data.count(b"\xff\xda")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
