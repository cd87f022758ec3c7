"""Papers as PDF, made by fpdf2. Its own fonts have Latin letters only; any others need a font of the shop's."""

import unicodedata
from pathlib import Path
from typing import Any

from application.papers import Paper

FAMILY = "Helvetica"
OWN = "Shop"
MARGIN = 15  # mm
LINE = 5.5
BESIDE = 60  # mm for an address
LACKING = "Characters that this print has no letters for are shown as ?. The page in the browser has them all."
UNSEEN = frozenset({"Cc", "Cf", "Mn"})  # what takes no room of its own
CHEAP = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "€": "EUR", "\t": " "})


class Typesetter:
    """Writes text in the one font there is, and remembers whether some could not be written."""

    def __init__(self, pdf: Any, font: Path | None) -> None:
        self.pdf, self.lacks = pdf, False
        self.family, self.bold = (OWN, "") if font else (FAMILY, "B")
        if font:
            pdf.add_font(OWN, fname=font)
        self.glyphs = set(pdf.fonts[OWN.lower()].cmap) if font else None

    def size(self, points: float, *, bold: bool = False) -> None:
        self.pdf.set_font(self.family, self.bold if bold else "", points)

    def write(self, text: str) -> str:
        """The text as the font has it; what it lacks becomes the plain letter, or a question mark."""
        return "".join(map(self._letter, text))

    def _letter(self, letter: str) -> str:
        if letter == "\n" or self._has(letter):
            return letter
        plain = unicodedata.normalize("NFKD", letter.translate(CHEAP))
        kept = "".join(each for each in plain if self._has(each))
        if kept or unicodedata.category(letter) in UNSEEN:
            return kept
        self.lacks = True
        return "?"

    def _has(self, letter: str) -> bool:
        if self.glyphs is not None:
            return ord(letter) in self.glyphs
        return letter.isprintable() and ord(letter) < 256


def pdf(paper: Paper, font: Path | None = None) -> bytes:
    from fpdf import FPDF  # takes a while: only who prints pays for it

    sheet = FPDF(format="A4")
    sheet.set_creation_date(paper.made_at)
    sheet.set_margin(MARGIN)
    sheet.set_auto_page_break(True, MARGIN)
    sheet.add_page()
    types = Typesetter(sheet, font)
    sheet.set_title(types.write(f"{paper.title} {paper.number}"))
    _head(sheet, types, paper)
    _table(sheet, types, paper)
    _sums(sheet, types, paper)
    _foot(sheet, types, paper)
    return bytes(sheet.output())


def _head(sheet: Any, types: Typesetter, paper: Paper) -> None:
    types.size(18, bold=True)
    sheet.cell(0, 10, types.write(f"{paper.title} {paper.number}"))
    types.size(11, bold=True)
    sheet.set_x(MARGIN)
    sheet.cell(0, 10, types.write(paper.shop), align="R", new_x="LMARGIN", new_y="NEXT")
    sheet.line(MARGIN, sheet.y, sheet.w - MARGIN, sheet.y)
    sheet.ln(4)
    top, lowest = sheet.y, sheet.y
    columns = [*paper.addresses, ("", tuple(f"{name}: {value}" for name, value in paper.facts))]
    for n, (name, lines) in enumerate(columns):
        sheet.set_xy(MARGIN + n * BESIDE, top)
        types.size(9, bold=True)
        sheet.multi_cell(BESIDE - 4, LINE, types.write(name or paper.shop), align="L", new_x="LEFT", new_y="NEXT")
        types.size(9)
        sheet.multi_cell(BESIDE - 4, LINE - 1, types.write("\n".join(lines)), align="L", new_x="LEFT", new_y="NEXT")
        lowest = max(lowest, sheet.y)
    sheet.set_xy(MARGIN, lowest + 6)


def _table(sheet: Any, types: Typesetter, paper: Paper) -> None:
    from fpdf.fonts import FontFace

    types.size(9)
    aligns = tuple("RIGHT" if n in paper.numeric else "LEFT" for n in range(len(paper.columns)))
    widths = tuple(16 if n in paper.numeric else 50 if n == 0 else 26 for n in range(len(paper.columns)))
    style = FontFace(emphasis=types.bold or None)
    with sheet.table(
        borders_layout="HORIZONTAL_LINES", col_widths=widths, text_align=aligns, headings_style=style, line_height=LINE
    ) as table:
        for row in (paper.columns, *paper.rows):
            cells = table.row()
            for text in row:
                cells.cell(types.write(text))


def _sums(sheet: Any, types: Typesetter, paper: Paper) -> None:
    sheet.ln(4)
    for name, value in paper.sums:
        types.size(9, bold=name == paper.sums[-1][0])
        sheet.set_x(sheet.w - MARGIN - 80)
        sheet.cell(45, LINE, types.write(name))
        sheet.cell(35, LINE, types.write(value), align="R", new_x="LMARGIN", new_y="NEXT")


def _foot(sheet: Any, types: Typesetter, paper: Paper) -> None:
    types.size(9)
    if paper.notes:
        sheet.ln(4)
        sheet.multi_cell(0, LINE, types.write(paper.notes), align="L", new_x="LMARGIN", new_y="NEXT")
    if types.lacks:
        sheet.ln(4)
        types.size(7)
        sheet.multi_cell(0, 4, LACKING, align="L", new_x="LMARGIN", new_y="NEXT")
