"""Reading a product export: every trap of the format, without a shop."""

from hashlib import sha256
from pathlib import Path

import pytest

from application.importing.pictures import ParsedImage
from application.importing.products import Parsed, ParsedProduct, parse
from application.importing.rows import (
    ImportColumnsMissing,
    ImportFileBroken,
    ImportFileEmpty,
    ImportFileNotText,
    read,
    text_of,
)
from domain.money import Money

DATA = Path(__file__).parents[1] / "data"
SIMPLE = "Handle,Title,Variant Price\n"


def parsed(text: str, currency: str = "USD") -> Parsed:
    return parse(read(text), currency)


def file(name: str) -> str:
    return text_of((DATA / f"shopify-{name}.csv").read_bytes())


def product(name: str, handle: str) -> ParsedProduct:
    return next(one for one in parsed(file(name)).products if one.handle == handle)


def refusals(text: str, currency: str = "USD") -> list[tuple[int, str, str]]:
    return [(one.row, one.handle, one.code) for one in parsed(text, currency).refused]


def test_the_classic_export_has_five_products_and_refuses_none() -> None:
    found = parsed(file("classic"))
    assert [one.handle for one in found.products] == [
        "linen-apron",
        "wool-sock",
        "oak-spoon",
        "sealing-wax",
        "free-pattern",
    ]
    assert found.refused == []


def test_rows_of_one_handle_need_not_stand_together_and_pictures_follow_their_positions() -> None:
    apron = product("classic", "linen-apron")
    assert apron.images == (
        ParsedImage("https://pictures.example/apron.jpg", "The front"),
        ParsedImage("https://pictures.example/apron-back.jpg", "The back"),
    )
    assert len(apron.variants) == 1


def test_a_default_title_is_a_product_without_options() -> None:
    apron = product("classic", "linen-apron")
    assert not apron.has_options
    assert apron.variants[0].sku == "APRON-1"
    assert apron.variants[0].compare_at_price == Money(4990, "USD")
    assert apron.variants[0].cost == Money(1425, "USD")


def test_quotes_commas_and_line_breaks_stay_within_their_cell() -> None:
    assert product("classic", "linen-apron").body == (
        '<p>A "chef\'s" apron,\nin two lines.</p><script>alert(1)</script>'
    )


def test_options_take_their_names_from_the_first_row() -> None:
    sock = product("classic", "wool-sock")
    assert [variant.options for variant in sock.variants] == [
        {"Size": "Small", "Colour": "Red"},
        {"Size": "Small", "Colour": "Blue"},
        {"Size": "Large", "Colour": "Red"},
    ]
    assert sock.cheapest.price == Money(1200, "USD")
    assert [variant.backorder for variant in sock.variants] == [True, False, False]


def test_each_picture_counts_once_and_the_variants_own_come_last() -> None:
    assert [image.url.rpartition("/")[2] for image in product("classic", "wool-sock").images] == [
        "sock.jpg",
        "sock-pair.jpg",
        "sock-red.jpg",
        "sock-blue.jpg",
    ]


def test_a_row_is_named_by_the_line_on_which_it_starts() -> None:
    assert [variant.row for variant in product("classic", "wool-sock").variants] == [4, 6, 7]


def test_less_than_nothing_on_hand_is_noted() -> None:
    assert [(note.row, note.code) for note in parsed(file("classic")).notes] == [(7, "negative-quantity")]


def test_what_is_hidden_or_a_draft_is_not_active() -> None:
    active = {one.handle: one.is_active for one in parsed(file("classic")).products}
    assert active == {
        "linen-apron": True,
        "wool-sock": True,
        "oak-spoon": False,
        "sealing-wax": False,
        "free-pattern": True,
    }


def test_a_compare_at_price_that_is_not_higher_is_no_sale() -> None:
    assert product("classic", "oak-spoon").variants[0].compare_at_price is None


def test_without_tracker_stock_is_tracked_only_where_a_quantity_is_given() -> None:
    assert product("classic", "sealing-wax").variants[0].quantity == 1
    assert product("classic", "free-pattern").variants[0].quantity is None


def test_beside_tracked_variants_an_untracked_one_has_nothing_on_hand() -> None:
    heads = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty\n"
    found = parsed(heads + "lamp,Lamp,Size,S,5,3\nlamp,,,M,5,\n")
    assert [variant.quantity for variant in found.products[0].variants] == [3, 0]
    assert [(note.row, note.code) for note in found.notes] == [(3, "untracked-variant")]


def test_the_category_is_the_end_of_the_path_at_most_two_levels() -> None:
    assert product("classic", "wool-sock").category == ("Clothing", "Socks")
    assert product("classic", "linen-apron").category == ("Kitchen",)
    assert product("newest", "cafe-tray").category == ("Kitchen & Dining", "Trays")


@pytest.mark.parametrize("category", ["aa-1-13", "gid://shopify/TaxonomyCategory/aa-1", "1604", "Uncategorized", ""])
def test_a_category_without_words_gives_way_to_the_type(category: str) -> None:
    text = f"Handle,Title,Variant Price,Product Category,Type\nlamp,Lamp,5,{category},Lighting\n"
    assert parsed(text).products[0].category == ("Lighting",)


def test_tags_are_split_and_each_counts_once() -> None:
    assert product("classic", "linen-apron").tags == ("linen", "gift")


def test_the_newest_template_has_other_headings() -> None:
    tray = product("newest", "cafe-tray")
    assert (tray.name, tray.body, tray.is_active) == ("Café Tray", "<b>Birch</b>", True)
    assert [(one.sku, one.price.amount, one.quantity, one.backorder) for one in tray.variants] == [
        ("TRAY", 2400, 4, False),
        ("TRAY-L", 2900, 2, True),
    ]
    assert tray.variants[1].options == {"Size": "Large", "Wood": "Birch", "Edge": "Round"}


def test_mark_line_ends_and_order_of_columns_make_no_difference() -> None:
    plain = parsed("Handle,Title,Variant Price\nlamp,Lamp,5\n").products
    data = "\ufeffVARIANT PRICE, title ,Handle\r\n5,Lamp,LAMP\r\n\r\n".encode()
    assert parsed(text_of(data)).products == plain


def test_every_bad_row_is_refused_with_its_number_and_the_good_product_goes_on() -> None:
    found = parsed(file("refused"))
    assert [one.handle for one in found.products] == ["good"]
    assert sorted((one.row, one.handle, one.code) for one in found.refused) == [
        (3, "comma", "invalid-price"),
        (4, "sign", "invalid-price"),
        (6, "unpriced", "price-missing"),
        (7, "unpriced", "invalid-quantity"),
        (8, "digits", "invalid-price"),
        (9, "untitled", "title-missing"),
        (11, "twice", "repeated-variant"),
        (12, "nameless", "option-name-missing"),
        (13, "voucher", "gift-card"),
        (14, "picture", "invalid-image"),
        (15, "", "handle-missing"),
        (16, "good!", "handle-clash"),
        (17, "maybe", "invalid-flag"),
        (18, "wide", "too-many-cells"),
        (19, "before", "invalid-price"),
    ]


def test_yen_have_no_digits_behind_the_point() -> None:
    text = SIMPLE + "lamp,Lamp,4900\nmug,Mug,12.50\n"
    assert [one.cheapest.price for one in parsed(text, "JPY").products] == [Money(4900, "JPY")]
    assert refusals(text, "JPY") == [(3, "mug", "invalid-price")]


def test_more_variants_than_a_product_can_have_are_refused() -> None:
    rows = "".join(f"lamp,Lamp,5,Size,{n}\n" for n in range(251))
    assert refusals(f"Handle,Title,Variant Price,Option1 Name,Option1 Value\n{rows}") == [
        (2, "lamp", "too-many-variants")
    ]


def test_a_handle_without_latin_letters_gets_an_address_of_its_own() -> None:
    found = parsed(SIMPLE + "ランプ,Lamp,5\n皿,Plate,6\n").products
    assert [one.slug for one in found] == [f"product-{sha256(one.handle.encode()).hexdigest()[:12]}" for one in found]


@pytest.mark.parametrize("data", [b"Handle,Title\n\ncaf\xe9,Caf\xe9\n", b"Handle,Title\n\nHand\0le,Title"])
def test_what_is_no_text_in_utf_8_is_refused_with_the_line(data: bytes) -> None:
    with pytest.raises(ImportFileNotText) as caught:
        text_of(data)
    assert (caught.value.row, caught.value.encoding) == (3, "utf-8")


def test_other_encodings_are_read_where_they_are_named_and_utf_16_by_its_mark() -> None:
    text = SIMPLE + "cafe,Café,5\n"
    assert text_of(text.encode("cp1252"), "windows-1252") == text
    assert text_of(text.encode("utf-16")) == text


@pytest.mark.parametrize("text", ["", "\ufeff", "\n\n  \n"])
def test_an_empty_file_is_refused(text: str) -> None:
    with pytest.raises(ImportFileEmpty):
        read(text)


def test_another_table_is_refused_naming_the_columns_it_lacks() -> None:
    with pytest.raises(ImportColumnsMissing) as caught:
        read("Order,Total\n1,2\n")
    assert caught.value.columns == ("Handle", "Title")


def test_an_open_quote_is_refused_with_the_row_it_begins_on() -> None:
    with pytest.raises(ImportFileBroken) as caught:
        read('Handle,Title\nlamp,Lamp\nmug,"Mug\nplate,Plate\n')
    assert caught.value.row == 3


def test_headings_alone_are_an_empty_catalogue() -> None:
    assert parsed(SIMPLE).products == []
