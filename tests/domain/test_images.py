"""Images of a product: their order, the one that is primary, and what is told of them."""

from datetime import timedelta

import pytest

from domain.catalog import Change, ImageAdded, ImagesRemoved, Product, ProductChanged
from domain.images import MAX_IMAGES, Image, ImageNotFound, TooManyImages
from tests.builders import NOW, a_product, new_id

LATER = NOW + timedelta(hours=1)


def an_image(name: str, is_primary: bool = False) -> Image:
    return Image(id=new_id(), url=f"/media/products/{name}.webp", is_primary=is_primary)


def a_lamp(*names: str) -> Product:
    lamp = a_product()
    for name in names:
        lamp.add_image(an_image(name), NOW)
    lamp.drain()
    return lamp


def shown(product: Product) -> list[tuple[str, bool, int]]:
    return [(one.url.split("/")[-1].removesuffix(".webp"), one.is_primary, one.position) for one in product.images]


def test_the_first_image_is_primary_and_others_stand_behind_it() -> None:
    lamp = a_lamp("a", "b")
    assert shown(lamp) == [("a", True, 0), ("b", False, 1)]
    assert lamp.primary_image == "/media/products/a.webp"


def test_an_image_added_as_primary_takes_over_where_it_stands() -> None:
    lamp = a_lamp("a", "b")
    lamp.add_image(an_image("c", is_primary=True), LATER)
    assert shown(lamp) == [("a", False, 0), ("b", False, 1), ("c", True, 2)]
    assert lamp.updated_at == LATER


def test_adding_tells_that_the_product_changed_and_that_thumbnails_are_wanted() -> None:
    lamp = a_lamp("a")
    image = an_image("b")
    lamp.add_image(image, LATER)
    assert lamp.drain() == [
        ProductChanged(product=lamp.id, change=Change.CHANGED, fields=("images",), at=LATER),
        ImageAdded(product=lamp.id, image=image.id, at=LATER),
    ]


def test_there_are_at_most_fifty() -> None:
    lamp = a_lamp(*map(str, range(MAX_IMAGES)))
    with pytest.raises(TooManyImages):
        lamp.add_image(an_image("more"), LATER)
    assert (MAX_IMAGES, len(lamp.images), lamp.drain()) == (50, 50, [])


@pytest.mark.parametrize(
    ("which", "fields", "expected"),
    [
        (1, {"is_primary": True}, [("a", False, 0), ("b", True, 1), ("c", False, 2)]),
        (0, {"is_primary": False}, [("a", False, 0), ("b", True, 1), ("c", False, 2)]),
        (1, {"is_primary": False}, [("a", True, 0), ("b", False, 1), ("c", False, 2)]),
        (2, {"position": 0}, [("c", False, 0), ("a", True, 1), ("b", False, 2)]),
        (0, {"position": 1}, [("b", False, 0), ("a", True, 1), ("c", False, 2)]),
        (0, {"position": 49}, [("b", False, 0), ("c", False, 1), ("a", True, 2)]),
        (2, {"position": 0, "is_primary": True}, [("c", True, 0), ("a", False, 1), ("b", False, 2)]),
        (0, {"position": 2, "is_primary": False}, [("b", True, 0), ("c", False, 1), ("a", False, 2)]),
    ],
)
def test_a_change_keeps_the_numbers_in_order_and_one_primary(
    which: int, fields: dict[str, object], expected: list[tuple[str, bool, int]]
) -> None:
    lamp = a_lamp("a", "b", "c")
    lamp.change_image(lamp.images[which].id, LATER, **fields)
    assert shown(lamp) == expected


def test_the_only_image_stays_primary() -> None:
    lamp = a_lamp("a")
    lamp.change_image(lamp.images[0].id, LATER, is_primary=False)
    assert shown(lamp) == [("a", True, 0)]
    assert lamp.drain() == []


def test_removing_the_primary_makes_the_first_of_the_others_primary() -> None:
    lamp = a_lamp("a", "b", "c")
    lamp.change_image(lamp.images[0].id, NOW, small="/media/a-small.webp", medium="/media/a-medium.webp")
    lamp.drain()
    lamp.remove_image(lamp.images[0].id, LATER)
    assert shown(lamp) == [("b", True, 0), ("c", False, 1)]
    gone = ("/media/products/a.webp", "/media/a-small.webp", "/media/a-medium.webp")
    assert lamp.drain() == [
        ProductChanged(product=lamp.id, change=Change.CHANGED, fields=("images",), at=LATER),
        ImagesRemoved(product=lamp.id, urls=gone, at=LATER),
    ]


def test_an_import_that_leaves_out_an_image_removes_it_too() -> None:
    lamp = a_lamp("a", "b")
    lamp.change(LATER, images=lamp.images[:1])
    assert lamp.drain()[1:] == [ImagesRemoved(product=lamp.id, urls=("/media/products/b.webp",), at=LATER)]


def test_a_product_that_is_discarded_tells_of_all_its_files() -> None:
    lamp = a_lamp("a", "b")
    lamp.discard(LATER)
    urls = ("/media/products/a.webp", "/media/products/b.webp")
    assert lamp.drain() == [ImagesRemoved(product=lamp.id, urls=urls, at=LATER)]


def test_what_has_no_images_says_nothing_when_discarded() -> None:
    lamp = a_lamp()
    lamp.discard(LATER)
    assert lamp.drain() == []


def test_another_products_image_is_not_found() -> None:
    lamp, other = a_lamp("a"), a_lamp("b")
    with pytest.raises(ImageNotFound):
        lamp.change_image(other.images[0].id, LATER, alt_text="x")
    with pytest.raises(ImageNotFound):
        lamp.remove_image(other.images[0].id, LATER)
