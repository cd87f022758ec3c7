"""Whatever the file: what cannot be taken over is reported, nothing breaks, and the books balance."""

import csv
import io

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from adapters.memory.snapshots import MemorySnapshots
from application.exporting.catalog import ExportCatalog
from application.exporting.lines import COLUMNS
from application.importing.catalog import ImportCatalog
from application.importing.report import Note, Refusal
from application.importing.rows import HEADINGS, text_of
from domain.errors import Invalid
from tests.application.test_importing import HOME, Shop

WORDS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "Lamp",
                "S",
                "M",
                "Size",
                "a > b > c",
                "=1+1",
                "'=x",
                "''",
                "'",
                "-",
                "@a",
                '"',
                '""',
                "a,b",
                ";",
                "%00",
            ),
            *(
                "x\ny",
                "x\r\ny",
                "\ty",
                "ı",
                "ß",
                "ランプ",
                "<p>a</p><script>",
                "&amp;",
                "Default Title",
                "Uncategorized",
            ),
        ]
    ),
    st.text(max_size=8),
)
NUMBERS = st.sampled_from(["", "", "0", "5", "5", "7", "7.00", "12", *["6"] * 12, "1,299.00", "99999999", "-3", "x"])
FLAGS = st.sampled_from([*["", "true", "FALSE", "no"] * 5, "maybe"])
ADDRESSES = st.sampled_from(
    [
        *["", "https://x.example/a", "//x.example/b", f"{HOME}/media/a.webp", "http://x.example/=1"] * 3,
        "http://[",
        "x:y",
    ]
)
SORTED = {  # what mostly stands in a column, by our name of it
    "handle": st.sampled_from([*["lamp"] * 6, "LAMP", *["mug"] * 3, "ランプ", "l a m p"]),
    "title": st.sampled_from([*["Lamp"] * 6, "", "A  'lamp'", "=Lamp"]),
    "price": st.sampled_from([*["5", "5.00", "7", "1,299.00"] * 6, "", "x"]),
    "option1_name": st.sampled_from(["Size", "Size", "Title", ""]),
    "option1_value": st.sampled_from(["S", "M", "L", "XL", "XS", "S", "M", "Default Title", ""]),
    "option2_name": st.sampled_from(["", "", "Colour"]),
    "option2_value": st.sampled_from(["", "", "Red", "Blue"]),
    "option3_name": st.just(""),
    "option3_value": st.just(""),
    "status": st.sampled_from([*["", "active", "Draft", "archived"] * 4, "gone"]),
    "gift_card": st.sampled_from([*["", "false"] * 5, "true"]),
    "policy": st.sampled_from(["", "deny", "continue", "continue"]),
    "tracker": st.sampled_from(["", "shopify"]),
    "own_category": st.sampled_from([*["", "a=A", "a=A > b=B%3E", "b=B > a=A"] * 3, "=", "x"]),
    "own_tags": st.sampled_from([*["", '["a,b"]', '[" a"]'] * 4, "[1]", "{"]),
    "variant_attributes": st.sampled_from(
        [*["", '{"a":"b"}', '{"a":"c","b":" d"}', "{}"] * 4, '{"a":"\\u0000"}', "[["]
    ),
    "tax_class": st.sampled_from(["", "", "standard", "exempt", "books"]),
    **dict.fromkeys(("quantity", "grams", "compare_at_price", "cost", "own_price", "own_compare_at_price"), NUMBERS),
    **dict.fromkeys(("image_position", "low_stock_threshold", "backorder_limit"), NUMBERS),
    **dict.fromkeys(
        ("published", "taxable", "featured", "primary_image", "variant_active", "variant_price_kept"), FLAGS
    ),
    **dict.fromkeys(("image", "variant_image"), ADDRESSES),
}
FUZZED = settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@st.composite
def files(draw: st.DrawFn) -> str:
    """Rows of a few products under headings that an import knows, with a wild cell here and there."""
    others = sorted(set(HEADINGS) - {"handle", "title", "price"})
    options = draw(st.sampled_from([[], ["option1_name", "option1_value"], ["variant_attributes"]]))
    columns = ["handle", "title", "price", *options]
    columns += draw(st.lists(st.sampled_from([one for one in others if one not in options]), unique=True, max_size=8))
    headings = [draw(st.sampled_from(HEADINGS[column])) for column in columns]
    told = {column: draw(st.booleans()) for column in columns}  # else its cells are empty
    row = st.tuples(
        *(SORTED.get(one, WORDS) if told[one] or one in columns[: 3 + len(options)] else st.just("") for one in columns)
    )
    rows = [list(each) for each in draw(st.lists(row, max_size=6))]
    if rows and draw(st.integers(0, 3)) == 0:
        draw(st.sampled_from(rows))[draw(st.integers(0, len(columns) - 1))] = draw(WORDS)
    text, ends = io.StringIO(), draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, delimiter=draw(st.sampled_from(",;\t")), lineterminator=ends).writerows([headings, *rows])
    return text.getvalue()


def use_case(shop: Shop) -> ImportCatalog:
    return shop.importing(shop.store)


@FUZZED
@given(files())
async def test_rows_of_anything_are_taken_over_or_refused_by_name(text: str) -> None:
    shop = Shop()
    assume("\0" not in text)
    report = await use_case(shop)(text)
    assert len(shop.database.tables.products) == report.products_created
    lines = text.count("\n") + text.count("\r") + 1
    findings: list[Refusal | Note] = [*report.refused, *report.notes]
    for told in findings:
        assert 2 <= told.row <= lines
        assert told.code
        assert told.message
    before = shop.state()
    again = await use_case(shop)(text)
    assert (again.products_created, again.refused) == (0, report.refused)
    assert shop.state() == before


@FUZZED
@given(files())
async def test_what_was_taken_over_comes_back_from_its_export(text: str) -> None:
    shop, other = Shop(), Shop()
    assume("\0" not in text)
    await use_case(shop)(text)
    data = await exported(shop)
    report = await use_case(other)(text_of(data))
    assert report.refused == []
    assert await exported(other) == data
    before = shop.state()
    assert (await use_case(shop)(text_of(data))).products_changed == 0
    assert shop.state() == before


@FUZZED
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode), files().map(str.encode)), st.data())
async def test_bytes_of_anything_are_a_file_or_no_file(data: bytes, draw: st.DataObject) -> None:
    cut = draw.draw(st.integers(0, len(data)))
    junk = draw.draw(st.sampled_from([b"", b"\0", b"\xff", b'"', b"\r", b"\xef\xbb\xbf", b"\xff\xfe"]))
    shop = Shop()
    try:
        await use_case(shop)(text_of(data[:cut] + junk + data[cut:]))
    except Invalid as refusal:
        assert refusal.code.startswith("import-")
        assert shop.state() == ({}, {}, 0, 0)


async def exported(shop: Shop) -> bytes:
    pieces: list[bytes] = []

    async def write(piece: bytes) -> None:
        pieces.append(piece)

    await ExportCatalog(MemorySnapshots(shop.database), HOME)(write, lambda done, total: None)
    return b"".join(pieces)


def test_every_column_that_an_import_reads_is_written_by_an_export() -> None:
    assert set(HEADINGS) <= set(COLUMNS)
