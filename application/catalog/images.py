"""Pictures of products: how staff add, change and remove them, and what the worker does with their files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from application.catalog.showing import image_view
from application.catalog.taking import take_open_product
from application.catalog.views import ImageView
from application.idempotency import repeatable_id
from application.media import is_upload_of, upload_key
from application.ports import Clock, Media, NewId, Pictures, Store, Wake
from domain.accounts import Actor, Permission, must
from domain.catalog import ImageAdded, ImagesRemoved, Product, ProductId
from domain.errors import DomainError
from domain.images import MAX_IMAGES, Image, TooManyImages, image_of

ALT_LENGTH = 512
SMALL, MEDIUM = 256, 800  # the side of the square that a thumbnail fits into

AltText = Annotated[str, Meta(max_length=ALT_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as it came, and the media type that its sender claims for it."""

    data: bytes
    claimed: str | None = None
    alt_text: str = ""
    is_primary: bool = False


class ImageChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is not named stays as it is. The images behind the new position move on by one."""

    alt_text: AltText | UnsetType = UNSET
    is_primary: bool | UnsetType = UNSET
    position: Annotated[int, Meta(ge=0, lt=MAX_IMAGES)] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class AddImage:
    """The file is stored first, then told of: what a crash leaves between the two is a file that nobody asks for."""

    store: Store
    media: Media
    pictures: Pictures
    clock: Clock
    new_id: NewId
    wake: Wake

    async def __call__(self, who: Actor, ref: str, upload: Upload) -> ImageView:
        """Raises ProductNotFound, ProductUnavailable, TooManyImages, or what Pictures do."""
        must(who, Permission.WRITE_CATALOG)
        product, new = await self._place(ref), repeatable_id("image", self.new_id)
        picture = await self.pictures.develop(upload.data, upload.claimed)
        key = upload_key(product, new, picture.suffix)
        url = await self.media.put(key, picture.data)
        image = Image(id=new, url=url, alt_text=upload.alt_text, is_primary=upload.is_primary)
        try:
            shown = await self._add(product, image)
        except DomainError:  # refused for sure: of any other error it is not known what became of the product
            await self.media.remove([key])
            raise
        self.wake()
        return shown

    async def _place(self, ref: str) -> ProductId:
        """Whose picture it will be, if it may: asked before there is any work done for it."""
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, None)
            if len(product.images) >= MAX_IMAGES:
                raise TooManyImages
            return product.id

    async def _add(self, product_id: ProductId, image: Image) -> ImageView:
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, str(product_id), None)
            product.add_image(image, self.clock())
            await tx.products.save([product])
            shown = image_view(image_of(product.images, image.id))
            await tx.remember(shown)
            return shown


@dataclass(frozen=True, slots=True)
class ChangeImage:
    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, ref: str, id: UUID, changes: ImageChanges) -> ImageView:
        """Raises ProductNotFound, ProductUnavailable, ImageNotFound."""
        must(who, Permission.WRITE_CATALOG)
        fields: dict[str, Any] = {
            name: value for name in changes.__struct_fields__ if (value := getattr(changes, name)) is not UNSET
        }
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, None)
            product.change_image(id, self.clock(), **fields)
            await tx.products.save([product])
        self.wake()
        return image_view(image_of(product.images, id))


@dataclass(frozen=True, slots=True)
class RemoveImage:
    """The picture is gone from the product at once, its files a little later."""

    store: Store
    clock: Clock
    wake: Wake

    async def __call__(self, who: Actor, ref: str, id: UUID) -> None:
        """Raises ProductNotFound, ProductUnavailable, ImageNotFound."""
        must(who, Permission.WRITE_CATALOG)
        async with self.store.transaction() as tx:
            product = await take_open_product(tx, ref, None)
            product.remove_image(id, self.clock())
            await tx.products.save([product])
        self.wake()


@dataclass(frozen=True, slots=True)
class MakeThumbnails:
    """Event handler. The same picture makes the same files under the same names, however often it is told."""

    store: Store
    media: Media
    pictures: Pictures
    clock: Clock
    wake: Wake

    async def __call__(self, event_id: UUID, event: ImageAdded) -> None:
        keys = [upload_key(event.product, event.image, f"-{size}.webp") for size in ("small", "medium")]
        async with self.store.transaction() as tx:
            image = _shown(await tx.products.find([event.product]), event)
        if image is not None and image.small is None:
            thumbnails = await self.pictures.shrink(await self._original(image), (SMALL, MEDIUM))
            urls = [await self.media.put(key, data) for key, data in zip(keys, thumbnails, strict=True)]
            image = await self._show(event, *urls)
        if image is None:  # removed meanwhile, and these files with it
            await self.media.remove(keys)
        self.wake()

    async def _original(self, image: Image) -> bytes:
        key = self.media.key(image.url)
        if key is None or (found := await self.media.get(key)) is None:
            raise LookupError(f"no picture is kept for {image.url}")
        return found.data

    async def _show(self, event: ImageAdded, small: str, medium: str) -> Image | None:
        async with self.store.transaction() as tx:
            found = await tx.products.take([event.product])
            if image := _shown(found, event):
                found[event.product].change_image(image.id, self.clock(), small=small, medium=medium)
                await tx.products.save([found[event.product]])
            return image


@dataclass(frozen=True, slots=True)
class RemoveFiles:
    """Event handler. Only what was uploaded for this product: pictures of the sample are shared."""

    store: Store
    media: Media

    async def __call__(self, event_id: UUID, event: ImagesRemoved) -> None:
        async with self.store.transaction() as tx:
            product = (await tx.products.find([event.product])).get(event.product)
        shown = {url for image in product.images for url in image.urls} if product else set()
        keys = [self.media.key(url) for url in event.urls if url not in shown]
        await self.media.remove([key for key in keys if key and is_upload_of(event.product, key)])


def _shown(found: Mapping[ProductId, Product], event: ImageAdded) -> Image | None:
    """The picture, if its product still has it."""
    images = found[event.product].images if event.product in found else ()
    return next((image for image in images if image.id == event.image), None)
