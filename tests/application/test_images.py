"""Pictures of products: how they come and go, and what becomes of their files."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from dishka import AsyncContainer
from PIL import Image

from application.catalog.changing import ChangeProduct, DeleteProduct
from application.catalog.images import (
    AddImage,
    ChangeImage,
    ImageChanges,
    MakeThumbnails,
    RemoveFiles,
    RemoveImage,
    Upload,
)
from application.catalog.inputs import ProductChanges
from application.catalog.taking import take_product
from application.catalog.views import CatalogViews, ImageView, ProductItem
from application.catalog.wishes import ProductFilter
from application.ports import Media, MismatchedImage, PageRequest, Picture, Store, UnsupportedImage
from domain.accounts import Actor, Role
from domain.catalog import ImageAdded, ImagesRemoved, ProductId, ProductNotFound, ProductUnavailable
from domain.errors import Forbidden, InvalidField
from domain.images import Image as ShownImage
from domain.images import ImageNotFound, TooManyImages
from entrypoints.shop import Shop, ShopClock
from tests.builders import NOW, new_id

MANAGER = Actor(roles=frozenset({Role.CATALOG_MANAGER}))


def jpeg(width: int = 1600, height: int = 800) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG")
    return out.getvalue()


PHOTO = jpeg(400, 200)


class Studio:
    """Where the catalogue's manager sits with a camera; one lamp is on sale."""

    def __init__(self, container: AsyncContainer) -> None:
        self.container = container
        self.shop = Shop(container, ShopClock())

    async def add(self, ref: str = "lamp", data: bytes = PHOTO, *, is_primary: bool = False) -> ImageView:
        upload = Upload(data=data, claimed="image/jpeg", alt_text="A lamp", is_primary=is_primary)
        return await (await self.container.get(AddImage))(MANAGER, ref, upload)

    async def change(self, image: ImageView, **fields: object) -> ImageView:
        changes = ImageChanges(**fields)  # type: ignore[arg-type]
        return await (await self.container.get(ChangeImage))(MANAGER, "lamp", image.id, changes)

    async def remove(self, image: UUID, ref: str = "lamp") -> None:
        await (await self.container.get(RemoveImage))(MANAGER, ref, image)

    async def images(self) -> list[ImageView]:
        views = await self.container.get(CatalogViews)
        return list((await views.product("lamp", staff=True)).view.images)

    async def item(self) -> ProductItem:
        views = await self.container.get(CatalogViews)
        item: ProductItem = (await views.products(ProductFilter(), PageRequest())).results[0]
        return item

    async def file(self, url: str) -> bytes | None:
        media = await self.container.get(Media)
        found = await media.get(media.key(url) or "")
        return found.data if found else None

    async def versions(self) -> tuple[int, int]:
        """The product's, and how many events it published."""
        store = await self.container.get(Store)
        async with store.transaction() as tx:
            product = await take_product(tx, "lamp", None)
        return product.version, len(product.images)

    async def work(self) -> None:
        await self.shop.deliver_events()


def size_of(data: bytes | None) -> tuple[str | None, tuple[int, int]]:
    assert data is not None
    image = Image.open(BytesIO(data))
    return image.format, image.size


@pytest.fixture
async def studio(container: AsyncContainer) -> Studio:
    made = Studio(container)
    await made.shop.has("LAMP")
    return made


async def test_an_uploaded_picture_is_shown_at_once_and_stands_for_its_thumbnails(studio: Studio) -> None:
    added = await studio.add(data=jpeg())
    assert added.url.endswith(f"/{added.id}.jpg")
    assert (added.thumbnails.small, added.thumbnails.medium) == (added.url, added.url)
    assert (added.alt_text, added.is_primary, added.position) == ("A lamp", True, 0)
    assert await studio.images() == [added]
    assert (await studio.item()).primary_image == added.url
    assert size_of(await studio.file(added.url)) == ("JPEG", (1600, 800))


async def test_the_worker_makes_the_thumbnails(studio: Studio) -> None:
    added = await studio.add(data=jpeg())
    await studio.work()
    (shown,) = await studio.images()
    assert replace_thumbnails(shown, added) == added
    assert size_of(await studio.file(shown.thumbnails.small)) == ("WEBP", (256, 128))
    assert size_of(await studio.file(shown.thumbnails.medium)) == ("WEBP", (800, 400))
    assert await studio.file(added.url) is not None


def replace_thumbnails(image: ImageView, like: ImageView) -> ImageView:
    return ImageView(image.id, image.url, like.thumbnails, image.alt_text, image.is_primary, image.position)


async def test_told_twice_the_worker_makes_the_same(studio: Studio) -> None:
    added = await studio.add()
    await studio.work()
    before, version = await studio.images(), await studio.versions()
    event = ImageAdded(product=await product_of(studio), image=added.id, at=NOW)
    for _ in range(2):
        await (await studio.container.get(MakeThumbnails))(new_id(), event)
    await studio.work()
    assert (await studio.images(), await studio.versions()) == (before, version)
    assert await studio.file(before[0].thumbnails.small) is not None


async def test_two_workers_at_one_picture_make_it_once(studio: Studio) -> None:
    added = await studio.add()
    event = ImageAdded(product=await product_of(studio), image=added.id, at=NOW)
    make = await studio.container.get(MakeThumbnails)
    await asyncio.gather(*(make(new_id(), event) for _ in range(4)))
    (shown,) = await studio.images()
    assert size_of(await studio.file(shown.thumbnails.small)) == ("WEBP", (256, 128))


async def product_of(studio: Studio) -> ProductId:
    return ProductId((await studio.item()).id)


async def test_a_picture_removed_before_the_worker_came_leaves_no_files(studio: Studio) -> None:
    added = await studio.add()
    await studio.remove(added.id)
    await studio.work()
    urls = [added.url, *(added.url.replace(".jpg", f"-{size}.webp") for size in ("small", "medium"))]
    assert [await studio.file(url) for url in urls] == [None, None, None]


async def test_what_is_removed_is_gone_at_once_and_its_files_by_the_worker(studio: Studio) -> None:
    first, second = await studio.add(), await studio.add()
    await studio.work()
    (shown, _) = await studio.images()
    await studio.remove(first.id)
    assert [(one.id, one.is_primary, one.position) for one in await studio.images()] == [(second.id, True, 0)]
    assert (await studio.item()).primary_image == second.url
    assert await studio.file(first.url) is not None
    await studio.work()
    gone = [shown.url, shown.thumbnails.small, shown.thumbnails.medium]
    assert [await studio.file(url) for url in gone] == [None, None, None]
    assert await studio.file(second.url) is not None


async def test_a_product_that_is_deleted_takes_its_files_along(studio: Studio) -> None:
    added = await studio.add()
    await studio.work()
    (shown,) = await studio.images()
    await (await studio.container.get(DeleteProduct))(MANAGER, "lamp")
    await studio.work()
    assert [await studio.file(url) for url in (added.url, shown.thumbnails.small, shown.thumbnails.medium)] == [
        None
    ] * 3


async def test_a_product_that_is_archived_keeps_them_for_its_orders(studio: Studio) -> None:
    added = await studio.add()
    ann = await studio.shop.customer("ann@shop.test")
    await ann.buy("LAMP")
    await (await studio.container.get(DeleteProduct))(MANAGER, "lamp")
    await studio.work()
    assert await studio.file(added.url) is not None
    with pytest.raises(ProductUnavailable):
        await studio.add()
    with pytest.raises(ProductUnavailable):
        await studio.remove(added.id)


async def test_files_that_others_share_are_not_removed(studio: Studio) -> None:
    """The sample's pictures, and another product's."""
    media = await studio.container.get(Media)
    shared = await media.put("sample/lamp.webp", b"RIFF")
    other = await media.put(f"products/{new_id()}/{new_id()}.webp", b"RIFF")
    elsewhere = "https://elsewhere.example/products/lamp.webp"
    event = ImagesRemoved(product=await product_of(studio), urls=(shared, other, elsewhere), at=NOW)
    await (await studio.container.get(RemoveFiles))(new_id(), event)
    assert [await studio.file(url) for url in (shared, other)] == [b"RIFF", b"RIFF"]


async def test_a_file_that_is_shown_again_stays(studio: Studio) -> None:
    added = await studio.add()
    event = ImagesRemoved(product=await product_of(studio), urls=(added.url,), at=NOW)
    await (await studio.container.get(RemoveFiles))(new_id(), event)
    assert await studio.file(added.url) is not None


async def test_pictures_from_elsewhere_get_no_thumbnails(studio: Studio) -> None:
    store, url = await studio.container.get(Store), "https://elsewhere.example/lamp.jpg"
    async with store.transaction() as tx:
        product = await take_product(tx, "lamp", None)
        product.change(NOW, images=(ShownImage(id=new_id(), url=url, is_primary=True),))
        await tx.products.save([product])
    await studio.work()
    (shown,) = await studio.images()
    assert (shown.url, shown.thumbnails.small, shown.thumbnails.medium) == (url, url, url)


async def test_twelve_uploads_at_once_all_land_and_one_is_primary(studio: Studio) -> None:
    added = await asyncio.gather(*(studio.add(is_primary=True) for _ in range(12)))
    shown = await studio.images()
    assert {one.id for one in shown} == {one.id for one in added}
    assert ([one.position for one in shown], [one.is_primary for one in shown].count(True)) == (list(range(12)), 1)
    await studio.work()
    assert all(one.thumbnails.small != one.url for one in await studio.images())


async def test_uploads_and_changes_at_once_all_land(studio: Studio) -> None:
    change = await studio.container.get(ChangeProduct)
    tags = (change(MANAGER, "lamp", ProductChanges(tags=[f"t{n}"])) for n in range(6))
    await asyncio.gather(*(studio.add() for _ in range(6)), *tags)
    assert len(await studio.images()) == 6


async def test_at_the_limit_no_more_are_taken_and_no_file_is_left(studio: Studio) -> None:
    await fill(studio, 49)
    outcomes = await asyncio.gather(*(studio.add() for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["ImageView", "TooManyImages", "TooManyImages"]
    shown = await studio.images()
    assert len(shown) == 50
    with pytest.raises(TooManyImages):
        await studio.add()


async def fill(studio: Studio, number: int) -> None:
    store = await studio.container.get(Store)
    async with store.transaction() as tx:
        product = await take_product(tx, "lamp", None)
        product.change(NOW, images=tuple(ShownImage(id=new_id(), url=f"https://x.example/{n}") for n in range(number)))
        await tx.products.save([product])


class Interrupted:
    """A darkroom during whose work something happens."""

    def __init__(self, happening: object) -> None:
        self.happening = happening

    async def develop(self, data: bytes, claimed: str | None) -> Picture:
        await self.happening()  # type: ignore[operator]
        return Picture(data, ".jpg")

    async def shrink(self, data: bytes, sides: Sequence[int]) -> Sequence[bytes]:
        await self.happening()  # type: ignore[operator]
        return [data for _ in sides]


class Watched:
    """Media that remembers what was put into it."""

    def __init__(self, media: Media) -> None:
        self.media, self.put_there = media, list[str]()

    async def put(self, key: str, data: bytes) -> str:
        self.put_there.append(key)
        return await self.media.put(key, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.media, name)


async def test_a_product_deleted_while_its_picture_is_developed_leaves_no_file(studio: Studio) -> None:
    delete = await studio.container.get(DeleteProduct)
    media = Watched(await studio.container.get(Media))
    add = replace(
        await studio.container.get(AddImage), media=media, pictures=Interrupted(lambda: delete(MANAGER, "lamp"))
    )
    with pytest.raises(ProductNotFound):
        await add(MANAGER, "lamp", Upload(data=PHOTO))
    assert len(media.put_there) == 1
    assert [await media.media.get(key) for key in media.put_there] == [None]


async def test_a_picture_removed_while_its_thumbnails_are_made_leaves_no_file(studio: Studio) -> None:
    added = await studio.add()
    media = Watched(await studio.container.get(Media))
    interrupted = Interrupted(lambda: studio.remove(added.id))
    make = replace(await studio.container.get(MakeThumbnails), media=media, pictures=interrupted)
    await make(new_id(), ImageAdded(product=await product_of(studio), image=added.id, at=NOW))
    await studio.work()
    assert len(media.put_there) == 2
    assert [await media.media.get(key) for key in media.put_there] == [None, None]
    assert await studio.images() == []


async def test_a_change_is_answered_as_it_is_shown(studio: Studio) -> None:
    await studio.add()
    second = await studio.add()
    changed = await studio.change(second, alt_text="Another", is_primary=True, position=0)
    assert (changed.alt_text, changed.is_primary, changed.position) == ("Another", True, 0)
    assert (await studio.images())[0] == changed
    assert (await studio.item()).primary_image == second.url


async def test_a_change_of_nothing_changes_nothing(studio: Studio) -> None:
    added = await studio.add()
    before = await studio.versions()
    assert await studio.change(added) == added
    assert await studio.change(added, alt_text="A lamp", position=0, is_primary=True) == added
    assert await studio.versions() == before


@pytest.mark.parametrize("ref", ["lamp", "no-such-lamp"])
async def test_who_is_not_there_is_not_found(studio: Studio, ref: str) -> None:
    expected = ImageNotFound if ref == "lamp" else ProductNotFound
    with pytest.raises(expected):
        await studio.remove(new_id(), ref)
    with pytest.raises(expected):
        await (await studio.container.get(ChangeImage))(MANAGER, ref, new_id(), ImageChanges(alt_text="x"))
    if ref != "lamp":
        with pytest.raises(expected):
            await studio.add(ref)


async def test_what_is_no_picture_leaves_nothing(studio: Studio) -> None:
    with pytest.raises(UnsupportedImage):
        await studio.add(data=b"<svg/>")
    with pytest.raises(InvalidField):
        await studio.add(data=PHOTO[:200])
    add = await studio.container.get(AddImage)
    with pytest.raises(MismatchedImage):
        await add(MANAGER, "lamp", Upload(data=PHOTO, claimed="image/png"))
    assert await studio.images() == []


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.ORDER_MANAGER, Role.ANALYST])
async def test_only_catalogue_managers_touch_images(studio: Studio, role: Role | None) -> None:
    who = Actor(roles=frozenset({role} if role else ()))
    with pytest.raises(Forbidden):
        await (await studio.container.get(AddImage))(who, "lamp", Upload(data=PHOTO))
    with pytest.raises(Forbidden):
        await (await studio.container.get(ChangeImage))(who, "lamp", new_id(), ImageChanges())
    with pytest.raises(Forbidden):
        await (await studio.container.get(RemoveImage))(who, "lamp", new_id())
