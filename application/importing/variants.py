"""From the rows of one handle to what can be bought of it: options, prices, quantities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.importing import cells
from application.importing.cells import BadRow
from application.importing.rows import Row
from domain.money import Money
from domain.variants import MAX_VARIANTS

OPTIONS = ("option1", "option2", "option3")
MARKS = ("price", "sku", "option1_value", "option2_value", "option3_value", "quantity")
LONGEST_SKU, LONGEST_NAME = 100, 255


@dataclass(frozen=True, slots=True)
class Given:
    """What is the same for all rows of one file."""

    currency: str
    columns: frozenset[str]

    @property
    def is_ours(self) -> bool:
        """Whether this shop wrote it: then it says what it means, and is not mended."""
        return "own_sku" in self.columns


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
    backorder_limit: int | None = None
    name: str = ""  # where the options do not make it
    is_active: bool = True
    weight: int = 0  # grams
    is_taxable: bool = True
    keeps_price: bool | None = None  # a price of its own though it is the product's, or the other way round


def name_of(options: dict[str, str]) -> str:
    """What tells a variant from the others: Small / Red."""
    return " / ".join(options.values()) or "a variant without options"


def sold(rows: Sequence[Row]) -> list[Row]:
    """The rows that are variants. One that only carries a picture says nothing in any of the variant's columns."""
    return [row for row in rows if _is_marked(row)] or list(rows[:1])


def variants(rows: Sequence[Row], first: Row, given: Given) -> tuple[tuple[ParsedVariant, ...], bool]:
    """The variants, and whether they are more than the product itself. `first` speaks for the product as a whole."""
    listed = sold(rows)
    if len(listed) > MAX_VARIANTS:
        raise BadRow(rows[0].number, "too-many-variants", f"{len(listed)} variants, at most {MAX_VARIANTS} are kept")
    names = _option_names(first)
    named = [cells.attributes(row) for row in listed]
    if all(one is None for one in named) and len(listed) == 1 and _has_default_title(listed[0], names):
        names = {}
    found = [variant(row, names if own is None else own, given) for row, own in zip(listed, named, strict=True)]
    _check_each_once(found, given)
    are_options = bool(names) or any(one is not None for one in named)
    return _tracked_alike(found), are_options


def variant(row: Row, names: dict[str, str], given: Given) -> ParsedVariant:
    """`names` says which option each column speaks of, or is what the variant's attributes are."""
    price = cells.price(row, "price", given.currency)
    if price is None:
        raise BadRow(row.number, "price-missing", "the variant has no price")
    before = cells.price(row, "compare_at_price", given.currency)
    return ParsedVariant(
        row=row.number,
        sku=cells.words(row, "sku", LONGEST_SKU),
        options=names if row["variant_attributes"] else _options(row, names),
        price=price,
        compare_at_price=before
        if before is not None and (given.is_ours or before > price)
        else None,  # else it is not on sale
        cost=cells.price(row, "cost", given.currency),
        quantity=cells.quantity(row),
        backorder=cells.continues(row),
        backorder_limit=cells.count(row, "backorder_limit"),
        name=cells.words(row, "variant_name", LONGEST_NAME),
        is_active=cells.flag(row, "variant_active", default=True),
        weight=cells.grams(row),
        is_taxable=cells.flag(row, "taxable", default=True),
        keeps_price=cells.flag(row, "variant_price_kept", default=False) if row["variant_price_kept"] else None,
    )


def _options(row: Row, names: dict[str, str]) -> dict[str, str]:
    options = {name: cells.words(row, f"{option}_value", 200) for option, name in names.items()}
    if empty := [name for name, value in options.items() if not value]:
        raise BadRow(row.number, "option-missing", f"the variant has no {empty[0]}")
    return options


def _option_names(first: Row) -> dict[str, str]:
    """Which option the columns speak of: {"option1": "Size"}. Names stand on the handle's first row only."""
    names = {option: cells.words(first, f"{option}_name", 100) for option in OPTIONS if first[f"{option}_name"]}
    if len({name.casefold() for name in names.values()}) < len(names):
        raise BadRow(first.number, "repeated-option", "two options have the same name")
    unnamed = [option for option in OPTIONS if first[f"{option}_value"] and option not in names]
    if unnamed and not first["variant_attributes"]:
        raise BadRow(first.number, "option-name-missing", f"{unnamed[0]} has values and no name")
    return names


def _is_marked(row: Row) -> bool:
    return any(row[mark] for mark in MARKS)


def _has_default_title(row: Row, names: dict[str, str]) -> bool:
    """How Shopify writes a product that has no options; some exports leave the value empty."""
    return list(names) == ["option1"] and row["option1_value"].casefold() in {"", "default title"}


def _check_each_once(found: Sequence[ParsedVariant], given: Given) -> None:
    seen: set[tuple[str, ...]] = set()
    for one in found:
        values = (one.sku if given.is_ours else "", one.name, *one.options.values())
        if values in seen:
            raise BadRow(one.row, "repeated-variant", f"{one.name or name_of(one.options)} is there twice")
        seen.add(values)


def _tracked_alike(found: Sequence[ParsedVariant]) -> tuple[ParsedVariant, ...]:
    """This shop tracks all variants of a product or none: beside tracked ones, the others have nothing on hand."""
    if all(one.quantity is None for one in found):
        return tuple(found)
    return tuple(replace(one, quantity=one.quantity or 0) for one in found)
