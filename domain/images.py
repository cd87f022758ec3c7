"""Pictures of products: in their order, exactly one of them primary."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of a product. `url` is a path of ours below /media/, or an address elsewhere."""

    id: UUID
    url: str
    alt_text: str = ""
    is_primary: bool = False
    position: int = 0


def positioned(images: Iterable[Image]) -> tuple[Image, ...]:
    """The images numbered in their order, exactly one of them primary."""
    listed = list(images)
    chosen = next((n for n, image in enumerate(listed) if image.is_primary), 0)
    return tuple(replace(image, position=n, is_primary=n == chosen) for n, image in enumerate(listed))
