"""Pictures of products: in their order, exactly one of them primary."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from domain.errors import Conflict, NotFound

MAX_IMAGES = 50


class ImageNotFound(NotFound):
    code = "image-not-found"


class TooManyImages(Conflict):
    """A product shows at most MAX_IMAGES."""

    code = "too-many-images"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture of a product. `url` is a path of ours below /media/, or an address elsewhere.

    `small` and `medium` are its thumbnails; until they are made, it stands for them itself.
    """

    id: UUID
    url: str
    alt_text: str = ""
    is_primary: bool = False
    position: int = 0
    small: str | None = None
    medium: str | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """Its own address, and those of its thumbnails."""
        return tuple(url for url in (self.url, self.small, self.medium) if url)


def positioned(images: Iterable[Image]) -> tuple[Image, ...]:
    """The images numbered in their order, exactly one of them primary."""
    listed = list(images)
    chosen = next((n for n, image in enumerate(listed) if image.is_primary), 0)
    return tuple(replace(image, position=n, is_primary=n == chosen) for n, image in enumerate(listed))


def image_of(images: Iterable[Image], id: UUID) -> Image:
    """Raises ImageNotFound."""
    for image in images:
        if image.id == id:
            return image
    raise ImageNotFound


def with_image(images: Iterable[Image], image: Image) -> tuple[Image, ...]:
    """With the image at the end. Raises TooManyImages."""
    others = tuple(images)
    if len(others) >= MAX_IMAGES:
        raise TooManyImages
    return positioned((*_yielding(others, image), image))


def with_changed(images: Iterable[Image], image: Image) -> tuple[Image, ...]:
    """With the image instead of the one with its id, at its position. Raises ImageNotFound.

    A primary one that is to be so no longer hands over to the first of the others.
    """
    held = tuple(images)
    before = image_of(held, image.id)
    others = [one for one in _yielding(held, image) if one.id != image.id]
    if before.is_primary and not image.is_primary and others:
        others[0] = replace(others[0], is_primary=True)
    others.insert(image.position, image)
    return positioned(others)


def without_image(images: Iterable[Image], id: UUID) -> tuple[Image, ...]:
    """Raises ImageNotFound."""
    held = tuple(images)
    gone = image_of(held, id)
    return positioned(image for image in held if image is not gone)


def _yielding(images: Iterable[Image], to: Image) -> Iterable[Image]:
    """None of them primary beside an image that is."""
    return (replace(image, is_primary=image.is_primary and not to.is_primary) for image in images)
