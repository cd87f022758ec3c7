"""Pictures as files: what they may be called, what they are by their name, and how long they may be kept."""

import re
from uuid import UUID

from domain.catalog import ProductId

HERE = "/media/"  # where the shop serves them itself
UPLOADS = "products/"  # a file below it is one picture's alone, and never changes
TYPES = {"webp": "image/webp", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}

KEY = re.compile(rf"(?:[\w-][\w.-]{{0,127}}/){{0,8}}[\w-][\w.-]{{0,127}}\.(?:{'|'.join(TYPES)})", re.ASCII)


def is_key(text: str) -> bool:
    """Whether a picture may be called so: no way leads up, nothing is hidden, and its name says its type."""
    return KEY.fullmatch(text) is not None and ".." not in text


def type_of(key: str) -> str:
    return TYPES[key.rpartition(".")[2]]


def upload_key(product: ProductId, image: UUID, name: str) -> str:
    """Ours from end to end: of what the uploader called the file nothing is left."""
    return f"{UPLOADS}{product}/{image}{name}"


def is_upload_of(product: ProductId, key: str | None) -> bool:
    return key is not None and key.startswith(f"{UPLOADS}{product}/")


def cache_control(key: str) -> str:
    """A picture of the sample may be drawn differently one day; what is uploaded gets a new name each time."""
    return "public, max-age=31536000, immutable" if key.startswith(UPLOADS) else "public, max-age=86400"
