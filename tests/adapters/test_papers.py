"""Papers in print: what the page and the PDF show, and of whose letters."""

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.documents import PaperPress
from application.papers import Paper

PAPER = Paper(
    kind="invoice",
    title="Invoice",
    number="ORD-7K2M",
    shop="Tradepost",
    made_at=datetime(2026, 11, 22, tzinfo=UTC),
    facts=(("Paid", "2026-11-22"),),
    addresses=(("Bill to", ("Zoë Müller-Łukasz", "1 Main Street")),),
    columns=("Item", "Quantity"),
    numeric=frozenset({1}),
    rows=(("Lamp <b>“nice”</b>", "2"),),
    sums=(("Tax", "6.00 USD"), ("Total", "65.97 USD")),
    notes="Ring\ntwice & wait",
)
LACKING = b"Characters that this print"
FONTS = [
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"),
]


def texts(pdf: bytes) -> list[bytes]:
    """What a PDF in its own fonts writes, word by word."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    drawn = b"\n".join(zlib.decompress(stream) for stream in streams)
    return [text.replace(b"\\(", b"(").replace(b"\\)", b")") for text in re.findall(rb"\((.*?)\) Tj", drawn)]


def test_a_page_says_everything_and_believes_no_markup() -> None:
    page = PaperPress().page(PAPER)
    for text in ("Invoice ORD-7K2M", "Zoë Müller-Łukasz", "65.97 USD", "2026-11-22", "Ring\ntwice &amp; wait"):
        assert text in page
    assert "Lamp &lt;b&gt;“nice”&lt;/b&gt;" in page
    assert "<b>" not in page


async def test_a_pdf_says_the_same_in_letters_that_it_has() -> None:
    press = PaperPress()
    pdf = await press.pdf(PAPER)
    assert pdf.startswith(b"%PDF-1.")
    written = b" ".join(texts(pdf))
    for text in (b"Invoice ORD-7K2M", b"Zo\xeb M\xfcller-?ukasz", b'Lamp <b>"nice"</b>', b"65.97 USD", b"twice & wait"):
        assert text in written
    assert LACKING in written
    assert pdf == await press.pdf(PAPER)


@pytest.mark.parametrize(
    ("name", "shown", "is_whole"),
    [
        ("Zoë Müller", b"Zo\xeb M\xfcller", True),
        ("Šárka Dvořáková", b"S\xe1rka Dvor\xe1kov\xe1", True),
        ("Ann\u200bExample", b"AnnExample", True),
        ("山田太郎", b"????", False),
        ("Яна", b"???", False),
        ("\x00\x07Ann", b"Ann", True),
        ("😀", b"?", False),
    ],
)
async def test_what_the_font_lacks_is_said(name: str, shown: bytes, is_whole: bool) -> None:
    paper = replace(PAPER, addresses=(("Ship to", (name,)),))
    written = texts(await PaperPress().pdf(paper))
    assert shown in written
    assert (LACKING in b" ".join(written)) is not is_whole


async def test_with_a_font_of_the_shop_other_letters_are_there() -> None:
    font = next((font for font in FONTS if font.exists()), None)
    if font is None:
        pytest.skip("no TrueType font on this machine")
    paper = replace(PAPER, addresses=(("Ship to", ("Яна Łukasz",)),), rows=(), notes="")
    pdf = await PaperPress(font).pdf(paper)
    assert b"/FontFile2" in pdf
    assert len(pdf) < 100_000  # only the letters that are used


async def test_a_long_order_goes_on_over_the_page() -> None:
    paper = replace(PAPER, rows=tuple((f"Lamp {n} " + "long " * 20, "1") for n in range(80)))
    pdf = await PaperPress().pdf(paper)
    assert len(re.findall(rb"/Type /Page\b", pdf)) > 2
    assert any(text.startswith(b"Lamp 79 ") for text in texts(pdf))
