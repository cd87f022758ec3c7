"""A product as rows of an export: what it is in Shopify's columns, and in our own only what they cannot say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import permutations, zip_longest
from typing import Any

import msgspec

from application.exporting.places import Places
from application.importing.stocking import BACKORDERS
from application.importing.takeover import OURS
from application.importing.variants import OPTIONS, name_of
from application.ports import ShopUrl
from domain.catalog import Product
from domain.inventory import StockItem
from domain.money import Money
from domain.rates import EXEMPT, STANDARD
from domain.variants import Variant

DEFAULT = {"option1_name": "Title", "option1_value": "Default Title"}
SAME_FOR_ALL = {"fulfillment": "manual", "shipping": "true"}
BUILT_IN = {STANDARD, EXEMPT}
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """`home` goes before the addresses of our own pictures, so that others find them too."""

    places: Places
    home: ShopUrl

    def __call__(self, product: Product, stock: Iterable[StockItem]) -> list[Row]:
        """The first row tells of the product as a whole; pictures beyond the variants have rows of their own."""
        items = {str(item.sku): item for item in stock}
        sold = Offered(product).variants(items) if product.variants else [_single(product, items)]
        pictures = [self._image(product, n) for n in range(len(product.images))]
        rows = [
            {"handle": product.slug, **variant, **picture}
            for variant, picture in zip_longest(sold, pictures, fillvalue=Row())
        ]
        rows[0] = self._head(product) | rows[0]
        return rows

    def _head(self, product: Product) -> Row:
        category, own_category = self.places(product.category)
        active = _flag(product.is_active)
        return {
            "title": product.name,
            "body": product.description,
            "category": category,
            "own_category": own_category,
            **_tags(product.tags),
            "published": active,
            "status": "active" if product.is_active else "draft",
            "gift_card": "false",
            "seo_title": product.meta_title,
            "seo_description": product.meta_description,
            "featured": _flag(product.is_featured),
            "low_stock_threshold": str(product.low_stock_threshold),
        } | ({} if product.tax_class in BUILT_IN else {"tax_class": product.tax_class})

    def _image(self, product: Product, place: int) -> Row:
        image = product.images[place]
        url = f"{self.home}{image.url}" if image.url.startswith(OURS) else image.url
        row = {"image": url, "image_position": str(place + 1), "image_alt": image.alt_text}
        return row | {"primary_image": "true"} if image.is_primary and place else row


def _single(product: Product, items: dict[str, StockItem]) -> Row:
    prices = _prices(product.price, product.compare_at_price, product.cost_per_item)
    told = _sent(product, product.weight) | _counted(product, items.get(product.sku))
    return DEFAULT | {"sku": product.sku} | prices | told


@dataclass(slots=True)
class Offered:
    """The variants of one product, their attributes told as three options at most, or as they are."""

    product: Product
    options: tuple[str, ...] | None = field(init=False)

    def __post_init__(self) -> None:
        self.options = _as_options(self.product.variants)

    def variants(self, items: dict[str, StockItem]) -> list[Row]:
        rows = [self._variant(one, items.get(one.sku)) for one in self.product.variants]
        rows[0] = {
            f"{column}_name": name for column, name in zip(OPTIONS, self.options or ("Title",), strict=False)
        } | rows[0]
        return [self._own(rows) | rows[0], *rows[1:]]

    def _own(self, rows: Sequence[Row]) -> Row:
        """The product's own SKU; and its price, where it is not that of the cheapest variant."""
        product = self.product
        told = [self._price(one) for one in product.variants]
        own: Row = {"own_sku": product.sku}
        if min(told, key=lambda prices: prices[0]) != (product.price, product.compare_at_price):
            own |= {"own_price": str(product.price), "own_compare_at_price": _amount(product.compare_at_price)}
        return own

    def _price(self, variant: Variant) -> tuple[Money, Money | None]:
        """What a buyer sees: its own, or the product's."""
        if variant.price is variant.compare_at_price is None:
            return self.product.price, self.product.compare_at_price
        return variant.price or self.product.price, variant.compare_at_price

    def _variant(self, variant: Variant, item: StockItem | None) -> Row:
        price, before = self._price(variant)
        row = {"sku": variant.sku, **_prices(price, before, self.product.cost_per_item), **_counted(self.product, item)}
        row |= self._attributes(variant) | self._keeping(variant)
        row |= _sent(self.product, self.product.weight if variant.weight is None else variant.weight)
        if variant.name != name_of(dict(self._named(variant))):
            row["variant_name"] = variant.name
        if not variant.is_active:
            row["variant_active"] = "false"
        return row

    def _named(self, variant: Variant) -> Iterable[tuple[str, str]]:
        """Its attributes in the order in which an import reads them."""
        return ((name, variant.attributes[name]) for name in self.options or variant.attributes)

    def _attributes(self, variant: Variant) -> Row:
        if self.options is None:
            own = msgspec.json.encode(variant.attributes).decode()
            return {"option1_value": variant.name or variant.sku, "variant_attributes": own}
        return {f"{column}_value": value for column, (_, value) in zip(OPTIONS, self._named(variant), strict=False)}

    def _keeping(self, variant: Variant) -> Row:
        """Whether the price is its own, where that does not follow from its being another than the product's."""
        price = self.product.price
        same = self._price(variant) == (price, self.product.compare_at_price)
        if same and variant.price is not None:
            return {"variant_price_kept": "true"}
        if not same and variant.price is None:
            return {"variant_price_kept": "false"}
        return {}


def _as_options(variants: Sequence[Variant]) -> tuple[str, ...] | None:
    """The attributes' names, in an order that makes the variants' names if there is one; None where they do not fit."""
    names = tuple(variants[0].attributes)
    values = [tuple(variant.attributes.get(name, "") for name in names) for variant in variants]
    fits = (
        0 < len(names) <= len(OPTIONS)
        and all(set(variant.attributes) == set(names) for variant in variants)
        and all(text and text == text.strip() for row in (names, *values) for text in row)
        and len({name.casefold() for name in names}) == len(names)
        and len(set(values)) == len(values)
        and not (len(variants) == len(names) == 1 and values[0][0].casefold() == "default title")
    )
    if not fits:
        return None
    orders = (order for order in permutations(names) if all(_is_named_by(variant, order) for variant in variants))
    return next(orders, names)


def _is_named_by(variant: Variant, order: Sequence[str]) -> bool:
    return variant.name == " / ".join(variant.attributes[name] for name in order)


def _prices(price: Money, before: Money | None, cost: Money | None) -> Row:
    return SAME_FOR_ALL | {"price": str(price), "compare_at_price": _amount(before), "cost": _amount(cost)}


def _sent(product: Product, weight: int) -> Row:
    """What it weighs, and whether it is taxed."""
    row = {"taxable": _flag(product.tax_class != EXEMPT)}
    return row | {"grams": str(weight), "weight_unit": "g"} if weight else row


def _counted(product: Product, item: StockItem | None) -> Row:
    """What is there and not promised. Where stock is not tracked there is no tracker and no quantity."""
    if not product.track_inventory:
        return {"policy": "deny"}
    limit = item.backorder_limit if item else 0
    row = {
        "tracker": "shopify",
        "quantity": str(item.on_hand - item.reserved if item else 0),
        "policy": "continue" if limit else "deny",
    }
    return row | {"backorder_limit": str(limit)} if limit not in {0, BACKORDERS} else row


def _tags(tags: Sequence[str]) -> Row:
    """Parted by commas; as JSON beside it where that would read as other tags."""
    told: dict[str, Any] = {"tags": ", ".join(tags)}
    if any("," in tag or tag != tag.strip() for tag in tags):
        told["own_tags"] = msgspec.json.encode(tags).decode()
    return told


def _amount(money: Money | None) -> str:
    return "" if money is None else str(money)


def _flag(value: bool) -> str:
    return "true" if value else "false"
