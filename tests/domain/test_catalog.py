"""Products: what they refuse, what they tell of a change, and what a buyer is offered."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalog import Change, ProductChanged
from domain.errors import InvalidField
from domain.images import Image, positioned
from domain.slugs import free_slug, slugify
from domain.variants import MAX_VARIANTS, VariantNotFound, VariantRequired
from tests.builders import NOW, a_product, a_variant, new_id, usd

LATER = NOW + timedelta(hours=1)


def test_a_new_product_says_that_it_was_created() -> None:
    product = a_product()
    assert product.drain() == [ProductChanged(product=product.id, change=Change.CREATED, at=NOW)]
    assert (product.version, product.events, product.created_at, product.updated_at) == (1, [], NOW, NOW)


def test_a_change_names_the_fields_that_differ() -> None:
    product = a_product(tags=("new",))
    product.drain()
    product.change(LATER, name="Light", price=usd("5"), tags=("new",))
    assert product.drain() == [
        ProductChanged(product=product.id, change=Change.CHANGED, fields=("name", "price"), at=LATER)
    ]
    assert (product.updated_at, product.version) == (LATER, 2)


def test_a_change_to_the_same_is_none() -> None:
    product = a_product()
    product.drain()
    product.change(LATER, name="Lamp")
    product.change(LATER)
    assert (product.events, product.updated_at) == ([], NOW)


def test_a_product_is_archived_once() -> None:
    product = a_product()
    product.drain()
    product.archive(LATER)
    product.archive(LATER + timedelta(days=1))
    assert [event.change for event in product.drain() if isinstance(event, ProductChanged)] == [Change.ARCHIVED]
    assert (product.is_active, product.archived_at, product.offer(None).on_sale) == (False, LATER, False)


@pytest.mark.parametrize(
    ("fields", "pointer", "reason"),
    [
        ({"name": " \t"}, "/name", "required"),
        ({"variants": (a_variant("S", "X"), a_variant("L", "X"))}, "/variants", "duplicate-sku"),
        ({"variants": tuple(a_variant("S", f"X{n}") for n in range(MAX_VARIANTS + 1))}, "/variants", "too-many"),
    ],
    ids=["name", "same", "many"],
)
def test_fields_that_contradict_each_other_are_refused(fields: dict[str, Any], pointer: str, reason: str) -> None:
    with pytest.raises(InvalidField) as created:
        a_product(**{"name": "Lamp", **fields})
    with pytest.raises(InvalidField) as changed:
        a_product().change(LATER, **fields)
    for refused in (created, changed):
        assert (refused.value.pointer, refused.value.reason) == (pointer, reason)


def test_what_is_stocked_are_the_variants_or_else_the_product() -> None:
    assert a_product(sku="LAMP").skus == ("LAMP",)
    assert a_product(sku="LAMP", variants=(a_variant("S", "A"), a_variant("L", "B"))).skus == ("A", "B")


def test_options_follow_from_the_variants_in_order_of_appearance() -> None:
    variants = (
        a_variant("1", "A", attributes={"Size": "S", "Color": "Red"}),
        a_variant("2", "B", attributes={"Color": "Blue", "Size": "S"}),
        a_variant("3", "C", attributes={"Size": "L", "Fit": "Slim"}),
    )
    assert a_product(variants=variants).options == {"Size": ["S", "L"], "Color": ["Red", "Blue"], "Fit": ["Slim"]}


def test_the_primary_image_is_the_one_so_named_or_else_the_first() -> None:
    first, second = Image(id=new_id(), url="/1", position=0), Image(id=new_id(), url="/2", position=1)
    assert a_product().primary_image is None
    assert a_product(images=(second, first)).primary_image == "/1"
    named = Image(id=new_id(), url="/3", position=2, is_primary=True)
    assert a_product(images=(first, second, named)).primary_image == "/3"


def test_images_are_numbered_and_one_is_primary() -> None:
    images = [Image(id=new_id(), url=f"/{n}", position=9, is_primary=n > 0) for n in range(3)]
    assert [(one.url, one.position, one.is_primary) for one in positioned(images)] == [
        ("/0", 0, False),
        ("/1", 1, True),
        ("/2", 2, False),
    ]
    assert [one.is_primary for one in positioned(images[:1])] == [True]
    assert positioned([]) == ()


def test_a_buyer_is_offered_the_product_or_one_of_its_variants() -> None:
    free = a_variant("Free", "F", price=usd("0"))
    dear = a_variant("Dear", "D", price=usd("50"), is_active=False)
    plain = a_variant("Plain", "P")
    shirt = a_product("Shirt", price="10", variants=(free, dear, plain), track_inventory=False)
    assert [str(shirt.offer(one.id).price) for one in (free, dear, plain)] == ["0.00", "50.00", "10.00"]
    offer = shirt.offer(dear.id)
    assert (offer.sku, offer.variant_name, offer.product_name, offer.on_sale) == ("D", "Dear", "Shirt", False)
    assert (shirt.offer(plain.id).on_sale, shirt.offer(plain.id).tracked) == (True, False)
    with pytest.raises(VariantRequired):
        shirt.offer(None)
    with pytest.raises(VariantNotFound):
        a_product().offer(plain.id)
    assert a_product(is_active=False).offer(None).on_sale is False


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Größe 42: Über-Lampe!", "grosse-42-uber-lampe"),
        ("  Ann's Lamp  ", "anns-lamp"),
        ("---", ""),
        ("灯", ""),
        ("ﬁne", "fine"),
        ("a" * 300, "a" * 200),
    ],
)
def test_a_slug_is_made_of_plain_words(text: str, slug: str) -> None:
    assert slugify(text) == slug


@given(st.text())
def test_a_slug_is_always_fit_for_an_address(text: str) -> None:
    slug = slugify(text)
    assert len(slug) <= 200
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in slug.split("-")) or slug == ""
    assert slugify(slug) == slug


def test_a_taken_slug_gets_the_first_free_number() -> None:
    assert free_slug("lamp", []) == "lamp"
    assert free_slug("lamp", {"lamp", "lamp-2", "lamp-4"}) == "lamp-3"
    assert free_slug("", {"product"}) == "product-2"
