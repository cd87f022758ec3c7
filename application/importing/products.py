"""From rows to products: groups the rows of each handle and judges them, without looking at the shop."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from application.importing import cells
from application.importing.cells import BadRow
from application.importing.report import Note, Refusal
from application.importing.rows import Row, Table
from domain.money import Money
from domain.slugs import slugify
from domain.variants import MAX_VARIANTS

OPTIONS = ("option1", "option2", "option3")
VARIANT_MARKS = ("price", "sku", "option1_value", "option2_value", "option3_value", "quantity")
STATUSES = ("active", "draft", "archived", "unlisted")
LONGEST_NAME, LONGEST_SKU, LONGEST_BODY = 255, 100, 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedVariant:
    """One thing that can be bought. `quantity` is None where stock is not tracked; `sku` may be empty."""

    row: int
    sku: str
    options: dict[str, str]
    price: Money
    compare_at_price: Money | None
    cost: Money | None
    quantity: int | None
    backorder: bool


@dataclass(frozen=True, slots=True)
class ParsedImage:
    url: str
    alt_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedProduct:
    """A product as the file has it. Without options its one variant stands for the product itself."""

    row: int
    handle: str
    slug: str
    name: str
    body: str
    category: tuple[str, ...]
    tags: tuple[str, ...]
    is_active: bool
    meta_title: str
    meta_description: str
    images: tuple[ParsedImage, ...]
    variants: tuple[ParsedVariant, ...]

    @property
    def has_options(self) -> bool:
        return bool(self.variants[0].options)

    @property
    def cheapest(self) -> ParsedVariant:
        """The variant whose price is the product's own."""
        return min(self.variants, key=lambda variant: variant.price)

    @property
    def is_tracked(self) -> bool:
        return any(variant.quantity is not None for variant in self.variants)


@dataclass(slots=True)
class Parsed:
    columns: frozenset[str]
    products: list[ParsedProduct] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def parse(table: Table, currency: str) -> Parsed:
    """Every product that is right from its first row to its last; of the others, every bad row."""
    parsed = Parsed(table.columns)
    slugs: dict[str, str] = {}
    for handle, rows in _by_handle(table.rows, parsed).items():
        slug = slug_of(handle)
        bad = list(_bad_rows(rows, currency))
        if slug in slugs:
            bad.append(BadRow(rows[0].number, "handle-clash", f"has the same address as {slugs[slug]!r}: {slug}"))
        if not bad:
            try:
                parsed.products.append(_product(handle, slug, rows, currency))
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


def _bad_rows(rows: list[Row], currency: str) -> Iterator[BadRow]:
    """What is wrong with single rows, at most one finding for each."""
    for row in rows:
        try:
            if row.surplus:
                raise BadRow(row.number, "too-many-cells", f"{row.surplus} cells more than there are columns")
            if _is_variant(row, rows):
                _variant(row, {}, currency)
            _image(row)
        except BadRow as bad:
            yield bad


def _product(handle: str, slug: str, rows: list[Row], currency: str) -> ParsedProduct:
    first = _merged(rows)
    name = " ".join(cells.words(first, "title", LONGEST_NAME).split())
    if not name:
        raise BadRow(first.number, "title-missing", "none of the product's rows has a title")
    if cells.flag(first, "gift_card", default=False):
        raise BadRow(first.number, "gift-card", "this shop cannot redeem gift cards, so it does not sell them")
    return ParsedProduct(
        row=first.number,
        handle=handle,
        slug=slug,
        name=name,
        body=cells.words(first, "body", LONGEST_BODY),
        category=cells.category(first),
        tags=cells.tags(first),
        is_active=_is_active(first),
        meta_title=cells.words(first, "seo_title", LONGEST_NAME),
        meta_description=cells.words(first, "seo_description", 1_000),
        images=_images(rows),
        variants=_variants(rows, _option_names(first), currency),
    )


def _merged(rows: list[Row]) -> Row:
    """What is said of the product as a whole: each column's first filled cell, usually that of the first row."""
    told: dict[str, str] = {}
    for row in rows:
        for column, text in row.cells.items():
            if text:
                told.setdefault(column, text)
    return Row(rows[0].number, told)


def _is_active(first: Row) -> bool:
    status = first["status"].casefold() or "active"
    if status not in STATUSES:
        raise BadRow(first.number, "invalid-status", f"status {status[:40]!r} is none of {', '.join(STATUSES)}")
    return cells.flag(first, "published", default=True) and status == "active"


def _option_names(first: Row) -> dict[str, str]:
    """Which option the columns speak of: {"option1": "Size"}. Names stand on the handle's first row only."""
    names = {option: cells.words(first, f"{option}_name", 100) for option in OPTIONS if first[f"{option}_name"]}
    if len({name.casefold() for name in names.values()}) < len(names):
        raise BadRow(first.number, "repeated-option", "two options have the same name")
    unnamed = [option for option in OPTIONS if first[f"{option}_value"] and option not in names]
    if unnamed:
        raise BadRow(first.number, "option-name-missing", f"{unnamed[0]} has values and no name")
    return names


def _is_variant(row: Row, rows: list[Row]) -> bool:
    """A row that only carries a picture says nothing in any of the variant's columns."""
    return any(row[mark] for mark in VARIANT_MARKS) or (row is rows[0] and not any(_marked(one) for one in rows))


def _marked(row: Row) -> bool:
    return any(row[mark] for mark in VARIANT_MARKS)


def _variants(rows: list[Row], names: dict[str, str], currency: str) -> tuple[ParsedVariant, ...]:
    sold = [row for row in rows if _is_variant(row, rows)]
    if len(sold) > MAX_VARIANTS:
        raise BadRow(rows[0].number, "too-many-variants", f"{len(sold)} variants, at most {MAX_VARIANTS} are kept")
    if len(sold) == 1 and _has_default_title(sold[0], names):
        names = {}
    variants = tuple(_variant(row, names, currency) for row in sold)
    seen: set[tuple[str, ...]] = set()
    for variant in variants:
        values = tuple(variant.options.values())
        if values in seen:
            raise BadRow(variant.row, "repeated-variant", f"{name_of(variant.options)} is there twice")
        seen.add(values)
    return _tracked_alike(variants)


def _tracked_alike(variants: tuple[ParsedVariant, ...]) -> tuple[ParsedVariant, ...]:
    """This shop tracks all variants of a product or none: beside tracked ones, the others have nothing on hand."""
    if all(variant.quantity is None for variant in variants):
        return variants
    return tuple(replace(variant, quantity=variant.quantity or 0) for variant in variants)


def _has_default_title(row: Row, names: dict[str, str]) -> bool:
    """How Shopify writes a product that has no options; some exports leave the value empty."""
    return list(names) == ["option1"] and row["option1_value"].casefold() in {"", "default title"}


def _variant(row: Row, names: dict[str, str], currency: str) -> ParsedVariant:
    price = cells.price(row, "price", currency)
    if price is None:
        raise BadRow(row.number, "price-missing", "the variant has no price")
    options = {name: cells.words(row, f"{option}_value", 200) for option, name in names.items()}
    if empty := [name for name, value in options.items() if not value]:
        raise BadRow(row.number, "option-missing", f"the variant has no {empty[0]}")
    before = cells.price(row, "compare_at_price", currency)
    return ParsedVariant(
        row=row.number,
        sku=cells.words(row, "sku", LONGEST_SKU),
        options=options,
        price=price,
        compare_at_price=before if before and before > price else None,  # else it is not on sale
        cost=cells.price(row, "cost", currency),
        quantity=cells.quantity(row),
        backorder=cells.continues(row),
    )


def name_of(options: dict[str, str]) -> str:
    """What tells a variant from the others: Small / Red."""
    return " / ".join(options.values()) or "a variant without options"


def _images(rows: list[Row]) -> tuple[ParsedImage, ...]:
    """In the order of their positions, then as they stand in the file, the variants' own last; each address once."""
    placed = [(cells.position(row), image) for row in rows if (image := _image(row))]
    listed = [image for _, image in sorted(placed, key=lambda one: (one[0] is None, one[0] or 0))]
    listed += [ParsedImage(cells.address(row, "variant_image"), "") for row in rows if row["variant_image"]]
    first: dict[str, ParsedImage] = {}
    for image in listed:
        first.setdefault(image.url, image)
    return tuple(first.values())


def _image(row: Row) -> ParsedImage | None:
    cells.position(row)
    if row["variant_image"]:
        cells.address(row, "variant_image")
    return ParsedImage(cells.address(row, "image"), cells.words(row, "image_alt", 512)) if row["image"] else None


def _notes(handle: str, rows: list[Row]) -> Iterator[Note]:
    title = _merged(rows)["title"]
    sold = [row for row in rows if _is_variant(row, rows)]
    tracked = any(cells.quantity(row) is not None for row in sold)
    for row in rows:
        if row["title"] and row["title"] != title:
            yield Note(row.number, handle, "title-ignored", f"the handle's first title counts: {title!r}")
    for row in sold:
        if tracked and cells.quantity(row) is None:
            yield Note(row.number, handle, "untracked-variant", "its sister variants are tracked: taken as 0")
        if (cells.quantity(row) or 0) < 0:
            yield Note(row.number, handle, "negative-quantity", "fewer than none on hand: taken as 0")
