"""Whole product files of the kinds that Shopify and spreadsheets write, each with its exact outcome."""

from pathlib import Path

import pytest

from application.importing.products import Parsed, ParsedProduct, parse
from application.importing.rows import read, text_of
from domain.money import Money

DATA = Path(__file__).parents[1] / "data"
PICTURES = "https://pictures.example/"


def parsed(name: str) -> Parsed:
    return parse(read(text_of((DATA / f"shopify-{name}.csv").read_bytes())), "USD")


def product(name: str, handle: str) -> ParsedProduct:
    return next(one for one in parsed(name).products if one.handle == handle)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def priced(one: ParsedProduct) -> list[tuple[tuple[str, ...], Money, Money | None]]:
    return [(tuple(each.options.values()), each.price, each.compare_at_price) for each in one.variants]


@pytest.mark.parametrize(
    ("name", "handles", "refused"),
    [
        (
            "jewellery",
            ["link-bracelet", "anchor-bracelet", "dainty-necklace", "moon-pendant"],
            [("voucher", "gift-card")],
        ),
        (
            "garden",
            ["clay-pot", "fence", "watering-can"],
            [("rain-chain", "price-missing"), ("trellis", "option-missing")],
        ),
        ("semicolons", ["gartentisch", "stuhl", "bank"], []),
    ],
)
def test_what_is_right_is_taken_and_what_is_wrong_is_named(
    name: str, handles: list[str], refused: list[tuple[str, str]]
) -> None:
    found = parsed(name)
    assert [one.handle for one in found.products] == handles
    assert sorted((one.handle, one.code) for one in found.refused) == sorted(refused)


def test_a_row_is_the_line_on_which_a_spreadsheet_opens_at_it() -> None:
    assert sorted((one.row, one.handle) for one in parsed("garden").refused) == [
        (12, "rain-chain"),
        (14, "trellis"),
    ]


def test_html_with_quotes_and_line_breaks_is_the_description() -> None:
    assert product("jewellery", "link-bracelet").body == (
        '<p class="lead">Forged by hand: "one size" fits all.</p>\r\n<ul><li>Gold-plated</li><li>18&nbsp;cm</li></ul>'
    )


def test_rows_of_pictures_alone_add_no_variants_and_pictures_of_variants_come_last() -> None:
    anchor = product("jewellery", "anchor-bracelet")
    assert priced(anchor) == [(("Gold",), usd("69.99"), usd("85")), (("Silver",), usd("55"), usd("85"))]
    assert [image.url.removeprefix(PICTURES) for image in anchor.images] == [
        "anchor.jpg",
        "anchor-side.jpg",
        "anchor-worn.jpg",
        "anchor-gold.jpg",
        "anchor-silver.jpg",
    ]
    assert anchor.images[2].alt_text == 'On a wrist, 7" around'


def test_addresses_without_a_scheme_are_of_the_web() -> None:
    assert [image.url for image in product("jewellery", "dainty-necklace").images] == [
        f"{PICTURES}dainty.jpg?v=1&w=2048",
        f"{PICTURES}dainty-box.jpg",
    ]


def test_one_option_that_is_no_default_title_is_an_option_even_of_one_variant() -> None:
    assert product("jewellery", "link-bracelet").has_options
    assert not product("jewellery", "dainty-necklace").has_options


def test_without_tracker_and_quantity_nothing_is_counted() -> None:
    assert not product("jewellery", "dainty-necklace").is_tracked
    assert product("jewellery", "link-bracelet").variants[0].quantity == 1


def test_thousands_are_read_in_prices_and_quantities() -> None:
    moon, fence = product("jewellery", "moon-pendant"), product("garden", "fence")
    assert priced(moon) == [((), usd("1250"), None)]
    assert (fence.variants[0].price, fence.variants[0].quantity) == (usd("1234.50"), 1000)


def test_semicolons_part_cells_where_numbers_have_a_decimal_comma() -> None:
    table, chair = product("semicolons", "gartentisch"), product("semicolons", "stuhl")
    assert (table.name, table.body) == ("Gartentisch „Rügen“", "<p>Für 6 Gäste; wetterfest</p>")
    assert (table.variants[0].price, table.variants[0].cost) == (usd("1299"), usd("650.50"))
    assert table.category == ("Outdoor Furniture", "Outdoor Tables")
    assert priced(chair) == [(("Rot", "M"), usd("49.90"), usd("59.90")), (("Blau", "L"), usd("1049.90"), None)]
    assert [one.backorder for one in chair.variants] == [True, False]
    assert not product("semicolons", "bank").is_active


def test_an_apostrophe_before_a_formula_is_the_writers_guard_and_not_the_text() -> None:
    can = product("garden", "watering-can")
    assert (can.body, can.tags) == ("=SUM(A1)", ("+tag", "other"))


def test_a_handle_in_two_places_and_cases_is_one_product() -> None:
    pot = product("garden", "clay-pot")
    assert [tuple(one.options.values()) for one in pot.variants] == [
        ("Regular", "Terracotta", "None"),
        ("Large", "Terracotta", "None"),
        ("Large", "Blue", "Matt"),
        ("Huge", "Blue", "Matt"),
    ]
    assert [(one.sku, one.quantity, one.backorder) for one in pot.variants] == [
        ("POT", 1, False),
        ("POT", 0, False),
        ("", -2, True),
        ("=POT-XL", 1, False),
    ]
    assert [image.url.removeprefix(PICTURES) for image in pot.images] == ["clay.jpg", "clay-back.jpg"]
    assert [(note.row, note.code) for note in parsed("garden").notes] == [(4, "negative-quantity")]


@pytest.mark.parametrize(("length", "refused"), [(200_000, []), (200_001, ["too-long"]), (2_000_000, ["too-long"])])
def test_a_very_long_cell_costs_its_product_and_not_the_file(length: int, refused: list[str]) -> None:
    text = f"Handle,Title,Body (HTML),Variant Price\nlamp,Lamp,{'x' * length},5\nmug,Mug,,6\n"
    found = parse(read(text), "USD")
    assert [one.code for one in found.refused] == refused
    assert [one.handle for one in found.products][-1] == "mug"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,299", 129_900),
        ("1,299.5", 129_950),
        ("12,345,678.90", 1_234_567_890),
        ("1 299.00", 129_900),
        ("1\u202f299.00", 129_900),
        ("1'299.00", 129_900),
        ("10.5000", 1_050),
        ("12,50", None),
        ("1,29,900", None),
        ("1 29", None),
        ("-5", None),
        ("5e3", None),
        ("$5", None),
        ("10.005", None),
    ],
)
def test_an_amount_is_read_where_it_can_mean_one_thing_only(text: str, amount: int | None) -> None:
    found = parse(read(f'Handle,Title,Variant Price\nlamp,Lamp,"{text}"\n'), "USD")
    assert [one.cheapest.price.amount for one in found.products] == ([] if amount is None else [amount])
    assert [one.code for one in found.refused] == ([] if amount else ["invalid-price"])


def test_thousands_that_could_be_a_fraction_are_refused() -> None:
    found = parse(read('Handle,Title,Variant Price\nlamp,Lamp,"1,299"\nmug,Mug,"1,299.500"\n'), "KWD")
    assert [(one.handle, one.code) for one in found.refused] == [("lamp", "invalid-price")]
    assert [one.cheapest.price for one in found.products] == [Money(1_299_500, "KWD")]
