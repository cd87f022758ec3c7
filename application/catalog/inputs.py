"""What staff write of a product, and what it means for the aggregate."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from application.catalog.wishes import id_of
from application.money import Amount, AmountOrNull, read_amount, read_optional_amount
from application.ports import Currency, NewId, Sanitise
from application.rates.charging import CurrentRates
from domain.catalog import Product
from domain.errors import InvalidField
from domain.inventory import Sku
from domain.slugs import SlugTaken
from domain.variants import Variant, VariantId

END = r"$(?!\n)"  # alone, $ would let a line break at the end through
LINE = rf"^[^\x00-\x1f\x7f]*{END}"
Name = Annotated[str, Meta(min_length=1, max_length=255, pattern=LINE)]
Line = Annotated[str, Meta(max_length=255, pattern=LINE)]
Text = Annotated[str, Meta(max_length=200_000)]
Slug = Annotated[str, Meta(max_length=200, pattern=rf"^[a-z0-9]+(-[a-z0-9]+)*{END}")]
SkuCode = Annotated[
    str, Meta(max_length=100, pattern=rf"^[^\x00-\x20\x7f/]([^\x00-\x1f\x7f/]*[^\x00-\x20\x7f/])?{END}")
]
Tag = Annotated[str, Meta(min_length=1, max_length=100, pattern=LINE)]
Attributes = Annotated[dict[Tag, Tag], Meta(max_length=20)]
Pieces = Annotated[int, Meta(ge=0, le=1_000_000)]
Grams = Annotated[int, Meta(ge=0, le=1_000_000_000)]

# They stand where a product's slug stands, so no product can be reached by them.
RESERVED = frozenset({"bulk", "featured", "search", "suggest"})
AS_GIVEN = (
    *("name", "slug", "sku", "is_active", "is_featured", "track_inventory", "low_stock_threshold"),
    *("meta_title", "meta_description", "weight", "tax_class"),
)


class VariantChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is not named stays as it is. A price or a weight (in grams) of null means the product's."""

    name: Name | UnsetType = UNSET
    sku: SkuCode | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    price: AmountOrNull | UnsetType = UNSET
    compare_at_price: AmountOrNull | UnsetType = UNSET
    stock_quantity: Pieces | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    weight: Grams | UnsetType | None = UNSET


class VariantInput(VariantChanges, forbid_unknown_fields=True, kw_only=True):
    """A variant. In a list of all, one that the product has with that SKU already keeps its id."""

    name: Name
    sku: SkuCode
    attributes: Attributes


class ProductChanges(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is not named stays as it is. `category` is a slug or an id, `weight` in grams, `tax_class` a code."""

    name: Name | UnsetType = UNSET
    price: Amount | UnsetType = UNSET
    sku: SkuCode | UnsetType = UNSET
    slug: Slug | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    compare_at_price: AmountOrNull | UnsetType = UNSET
    cost_per_item: AmountOrNull | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    category: str | UnsetType | None = UNSET
    tags: Annotated[list[Tag], Meta(max_length=100)] | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    is_featured: bool | UnsetType = UNSET
    track_inventory: bool | UnsetType = UNSET
    low_stock_threshold: Pieces | UnsetType = UNSET
    meta_title: Line | UnsetType = UNSET
    meta_description: Annotated[str, Meta(max_length=1_000)] | UnsetType = UNSET
    stock_quantity: Pieces | UnsetType = UNSET
    weight: Grams | UnsetType = UNSET
    tax_class: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    variants: list[VariantInput] | UnsetType = UNSET


class NewProduct(ProductChanges, forbid_unknown_fields=True, kw_only=True):
    """Without a slug, one is made from the name."""

    name: Name
    price: Amount
    sku: SkuCode


def named_fields(changes: ProductChanges, currency: Currency, sanitise: Sanitise) -> dict[str, Any]:
    """The aggregate's fields that are named, but for category and variants. Raises InvalidField or SlugTaken."""
    if changes.currency not in {UNSET, currency}:
        raise InvalidField("/currency", "invalid-choice", f"this shop sells in {currency}")
    check_slug(changes.slug)
    if changes.slug in RESERVED:
        raise SlugTaken
    fields = {name: value for name in AS_GIVEN if (value := getattr(changes, name)) is not UNSET}
    if changes.description is not UNSET:
        fields["description"] = sanitise(changes.description)
    if changes.tags is not UNSET:
        fields["tags"] = tuple(dict.fromkeys(changes.tags))
    if changes.price is not UNSET:
        fields["price"] = read_amount(changes.price, currency, "/price")
    if changes.compare_at_price is not UNSET:
        fields["compare_at_price"] = read_optional_amount(changes.compare_at_price, currency, "/compare_at_price")
    if changes.cost_per_item is not UNSET:
        fields["cost_per_item"] = read_optional_amount(changes.cost_per_item, currency, "/cost_per_item")
    return fields


async def check_tax_class(tax_class: str | UnsetType, current: CurrentRates) -> None:
    """Raises InvalidField."""
    if tax_class is not UNSET and tax_class not in {each.code for each in (await current.now()).classes}:
        raise InvalidField("/tax_class", "invalid-choice", "there is no such tax class")


def check_slug(slug: str | UnsetType) -> None:
    """Raises InvalidField."""
    if slug is not UNSET and id_of(slug):
        raise InvalidField("/slug", "invalid-format", "must not look like an id")


def variants_of(
    given: Sequence[VariantInput], held: Sequence[Variant], currency: Currency, new_id: NewId
) -> tuple[Variant, ...]:
    """The variants as given; those whose SKU is held already keep their id."""
    ids: Mapping[str, VariantId] = {variant.sku: variant.id for variant in held}
    return tuple(
        Variant(id=ids.get(one.sku) or VariantId(new_id()), **variant_fields(one, currency, f"/variants/{n}"))
        for n, one in enumerate(given)
    )


def variant_fields(changes: VariantChanges, currency: Currency, pointer: str = "") -> dict[str, Any]:
    """The variant's fields that are named. Raises InvalidField."""
    names = ("name", "sku", "attributes", "is_active", "weight")
    fields = {name: value for name in names if (value := getattr(changes, name)) is not UNSET}
    for name in ("price", "compare_at_price"):
        if (amount := getattr(changes, name)) is not UNSET:
            fields[name] = read_optional_amount(amount, currency, f"{pointer}/{name}")
    return fields


def quantities(changes: ProductChanges, product: Product) -> dict[Sku, int]:
    """What is to be there of each SKU that is named. Raises InvalidField where there is nothing to count it by."""
    counted: dict[Sku, int] = {}
    if changes.variants is not UNSET:
        counted = {Sku(one.sku): one.stock_quantity for one in changes.variants if one.stock_quantity is not UNSET}
    if changes.stock_quantity is not UNSET and not product.variants:
        counted[Sku(product.sku)] = changes.stock_quantity
    elif changes.stock_quantity:
        raise InvalidField("/stock_quantity", "invalid-value", "the variants have the stock")
    check_tracked(product, counted)
    return counted


def check_tracked(product: Product, counted: Mapping[Sku, int]) -> None:
    if any(counted.values()) and not product.track_inventory:
        raise InvalidField("/stock_quantity", "invalid-value", "its stock is not tracked")
