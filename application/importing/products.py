"""From rows to products: groups the rows of each handle and judges them, without looking at the shop."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from application.importing import cells
from application.importing.cells import BadRow
from application.importing.pictures import ParsedImage, image, images
from application.importing.report import Note, Refusal
from application.importing.rows import Row, Table
from application.importing.variants import LONGEST_NAME, LONGEST_SKU, Given, ParsedVariant, sold, variant, variants
from domain.money import Money
from domain.slugs import slugify

STATUSES = ("active", "draft", "archived", "unlisted")
LONGEST_BODY = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedProduct:
    """A product as the file has it. Without options its one variant stands for the product itself.

    `own_price` and `own_sku` are told where the cheapest variant's, and a made one, would be wrong.
    """

    row: int
    rows: int  # how many of the file tell of it
    handle: str
    slug: str
    name: str
    body: str
    category: tuple[str, ...]
    shelf: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    is_active: bool
    is_featured: bool
    low_stock_threshold: int | None
    meta_title: str
    meta_description: str
    images: tuple[ParsedImage, ...]
    variants: tuple[ParsedVariant, ...]
    has_options: bool
    tax_class: str  # one of the shop's own; empty where it follows from what is taxable
    own_sku: str
    own_price: tuple[Money, Money | None] | None

    @property
    def cheapest(self) -> ParsedVariant:
        """The variant whose price is the product's own."""
        return min(self.variants, key=lambda variant: variant.price)

    @property
    def price(self) -> tuple[Money, Money | None]:
        """The product's own, with the one from before."""
        return self.own_price or (self.cheapest.price, self.cheapest.compare_at_price)

    @property
    def is_exempt(self) -> bool:
        return not any(variant.is_taxable for variant in self.variants)

    @property
    def is_tracked(self) -> bool:
        return any(variant.quantity is not None for variant in self.variants)


@dataclass(slots=True)
class Parsed:
    """What a file of so many rows has, right and wrong."""

    columns: frozenset[str]
    rows: int = 0
    products: list[ParsedProduct] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def parse(table: Table, currency: str) -> Parsed:
    """Every product that is right from its first row to its last; of the others, every bad row."""
    parsed, given = Parsed(table.columns, len(table.rows)), Given(currency, table.columns)
    slugs: dict[str, str] = {}
    for handle, rows in _by_handle(table.rows, parsed).items():
        slug = slug_of(handle)
        bad = list(_bad_rows(rows, given))
        if slug in slugs:
            bad.append(BadRow(rows[0].number, "handle-clash", f"has the same address as {slugs[slug]!r}: {slug}"))
        if not bad:
            try:
                parsed.products.append(_product(handle, slug, rows, given))
                slugs[slug] = handle
                parsed.notes += _notes(handle, rows)
            except BadRow as one:
                bad.append(one)
        parsed.refused += [Refusal(one.row, handle, one.code, one.message) for one in bad]
    return parsed


def slug_of(handle: str) -> str:
    """The handle as an address; one of no Latin letters at all gets a name made from its digest."""
    return slugify(handle) or f"product-{hashlib.sha256(handle.encode()).hexdigest()[:12]}"


def _by_handle(rows: Iterable[Row], parsed: Parsed) -> dict[str, list[Row]]:
    """Handles are compared without case; their rows need not stand together."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if handle := row["handle"].casefold():
            groups.setdefault(handle, []).append(row)
        else:
            parsed.refused.append(Refusal(row.number, "", "handle-missing", "the row names no product"))
    return groups


def _bad_rows(rows: list[Row], given: Given) -> Iterator[BadRow]:
    """What is wrong with single rows, at most one finding for each."""
    bought = {row.number for row in sold(rows)}
    for row in rows:
        try:
            if row.surplus:
                raise BadRow(row.number, "too-many-cells", f"{row.surplus} cells more than there are columns")
            if row.number in bought:
                variant(row, {}, given)
            image(row)
        except BadRow as bad:
            yield bad


def _product(handle: str, slug: str, rows: list[Row], given: Given) -> ParsedProduct:
    first = _merged(rows)
    name = " ".join(cells.words(first, "title", LONGEST_NAME).split())
    if not name:
        raise BadRow(first.number, "title-missing", "none of the product's rows has a title")
    if cells.flag(first, "gift_card", default=False):
        raise BadRow(first.number, "gift-card", "this shop cannot redeem gift cards, so it does not sell them")
    bought, has_options = variants(rows, first, given)
    return ParsedProduct(
        row=first.number,
        rows=len(rows),
        handle=handle,
        slug=slug,
        name=name,
        body=cells.words(first, "body", LONGEST_BODY),
        category=cells.category(first),
        shelf=cells.shelf(first),
        tags=cells.tags(first),
        is_active=_is_active(first),
        is_featured=cells.flag(first, "featured", default=False),
        low_stock_threshold=cells.count(first, "low_stock_threshold"),
        meta_title=cells.words(first, "seo_title", LONGEST_NAME),
        meta_description=cells.words(first, "seo_description", 1_000),
        images=images(rows),
        variants=bought,
        has_options=has_options,
        tax_class=cells.words(first, "tax_class", 50),
        own_sku=cells.words(first, "own_sku", LONGEST_SKU),
        own_price=_own_price(first, given),
    )


def _own_price(first: Row, given: Given) -> tuple[Money, Money | None] | None:
    price = cells.price(first, "own_price", given.currency)
    return None if price is None else (price, cells.price(first, "own_compare_at_price", given.currency))


def _merged(rows: list[Row]) -> Row:
    """What is said of the product as a whole: each column's first filled cell, usually that of the first row."""
    told: dict[str, str] = {}
    for row in rows:
        for column, text in row.cells.items():
            if text:
                told.setdefault(column, text)
    return Row(rows[0].number, told, comma=rows[0].comma)


def _is_active(first: Row) -> bool:
    status = first["status"].casefold() or "active"
    if status not in STATUSES:
        raise BadRow(first.number, "invalid-status", f"status {status[:40]!r} is none of {', '.join(STATUSES)}")
    return cells.flag(first, "published", default=True) and status == "active"


def _notes(handle: str, rows: list[Row]) -> Iterator[Note]:
    title = _merged(rows)["title"]
    bought = sold(rows)
    tracked = any(cells.quantity(row) is not None for row in bought)
    for row in rows:
        if row["title"] and row["title"] != title:
            yield Note(row.number, handle, "title-ignored", f"the handle's first title counts: {title!r}")
    if len({cells.flag(row, "taxable", default=True) for row in bought}) > 1:
        yield Note(rows[0].number, handle, "partly-taxable", "the shop taxes all variants alike: taken as taxable")
    for row in bought:
        if tracked and cells.quantity(row) is None:
            yield Note(row.number, handle, "untracked-variant", "its sister variants are tracked: taken as 0")
        if (cells.quantity(row) or 0) < 0:
            yield Note(row.number, handle, "negative-quantity", "fewer than none on hand: taken as 0")
