"""From a product of the file to one of the shop: a new one, or changes to the one that has its address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from application.importing.pictures import ParsedImage
from application.importing.products import ParsedProduct
from application.importing.skus import Assigned
from application.importing.variants import ParsedVariant, name_of
from application.ports import NewId, Sanitise, ShopUrl
from domain.catalog import Product, ProductId
from domain.categories import CategoryId
from domain.images import Image, positioned
from domain.rates import EXEMPT, STANDARD
from domain.variants import Variant, VariantId

OURS = "/media/"  # the beginning of our own pictures' paths

# A field follows the file only where the file has one of these columns; else a product that exists keeps what it has.
SOURCES = {
    "description": {"body"},
    "category": {"category", "type", "own_category"},
    "tags": {"tags", "own_tags"},
    "is_active": {"published", "status"},
    "meta_title": {"seo_title"},
    "meta_description": {"seo_description"},
    "images": {"image", "variant_image"},
    "compare_at_price": {"compare_at_price"},
    "cost_per_item": {"cost"},
    "is_featured": {"featured"},
    "low_stock_threshold": {"low_stock_threshold"},
    "weight": {"grams"},
    "tax_class": {"taxable", "tax_class"},
}


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What is the same for all products of one file. `home` is where this shop's own pictures are found."""

    columns: frozenset[str]
    new_id: NewId
    sanitise: Sanitise
    home: ShopUrl
    at: datetime
    tax_classes: frozenset[str]  # that the shop knows

    def __call__(
        self, parsed: ParsedProduct, existing: Product | None, skus: Assigned, category: CategoryId | None
    ) -> Product:
        """The product with the file's content; it has recorded an event if it is new or differs from before."""
        fields = self._fields(parsed, existing, skus, category)
        if existing is None:
            return Product.create(at=self.at, id=ProductId(self.new_id()), slug=parsed.slug, **fields)
        told = {name: value for name, value in fields.items() if self._is_told(name)}
        existing.change(self.at, **{name: value for name, value in told.items() if not _is_same(existing, name, value)})
        return existing

    def _is_told(self, name: str) -> bool:
        return name not in SOURCES or bool(SOURCES[name] & self.columns)

    def _fields(
        self, parsed: ParsedProduct, existing: Product | None, skus: Assigned, category: CategoryId | None
    ) -> dict[str, Any]:
        price, before = parsed.price
        threshold = parsed.low_stock_threshold
        fields: dict[str, Any] = {} if threshold is None else {"low_stock_threshold": threshold}
        return fields | {
            "name": parsed.name,
            "sku": skus.own,
            "price": price,
            "compare_at_price": before,
            "cost_per_item": parsed.cheapest.cost,
            "description": self.sanitise(parsed.body),
            "category": category,
            "tags": parsed.tags,
            "is_active": parsed.is_active,
            "is_featured": parsed.is_featured,
            "track_inventory": parsed.is_tracked or (existing is not None and existing.track_inventory),
            "meta_title": parsed.meta_title,
            "meta_description": parsed.meta_description,
            "weight": self._weight(parsed, existing),
            "tax_class": self._tax_class(parsed, existing),
            "images": self._images(parsed.images, existing.images if existing else ()),
            "variants": self._variants(parsed, existing, skus),
        }

    def _weight(self, parsed: ParsedProduct, existing: Product | None) -> int:
        """The first variant's; what a product with variants weighs itself matters only to those without their own."""
        return existing.weight if existing and parsed.has_options else parsed.variants[0].weight

    def _tax_class(self, parsed: ParsedProduct, existing: Product | None) -> str:
        """Shopify knows only taxable and not: whatever taxed class it has, it keeps."""
        if parsed.tax_class in self.tax_classes:
            return parsed.tax_class
        if parsed.is_exempt and "taxable" in self.columns:
            return EXEMPT
        return existing.tax_class if existing and existing.tax_class != EXEMPT else STANDARD

    def _images(self, parsed: tuple[ParsedImage, ...], existing: tuple[Image, ...]) -> tuple[Image, ...]:
        """The same picture keeps its id and thumbnails; one of ours is known by its path."""
        known = {image.url: image for image in existing}
        images = []
        for one in parsed:
            url = one.url.removeprefix(self.home) if one.url.startswith(f"{self.home}{OURS}") else one.url
            image = known.get(url) or Image(id=self.new_id(), url=url)
            primary = one.is_primary or (image.is_primary and "primary_image" not in self.columns)
            images.append(replace(image, alt_text=one.alt_text, is_primary=primary))
        return positioned(images)

    def _variants(self, parsed: ParsedProduct, existing: Product | None, skus: Assigned) -> tuple[Variant, ...]:
        if not parsed.has_options:
            return ()
        known = _known(parsed, existing.variants if existing else (), skus)
        pairs = zip(parsed.variants, skus.variants, strict=True)
        weight = existing.weight if existing else parsed.variants[0].weight
        return tuple(self._variant(variant, parsed, sku, known.get(sku), weight) for variant, sku in pairs)

    def _variant(
        self, variant: ParsedVariant, parsed: ParsedProduct, sku: str, existing: Variant | None, weight: int
    ) -> Variant:
        """A price or weight of its own only where it differs from the product's, or is said or known to be its own."""
        before = variant.compare_at_price
        if existing is not None and not self._is_told("compare_at_price"):
            before = existing.compare_at_price
        same = (variant.price, before) == parsed.price
        follows = same if variant.keeps_price is None else not variant.keeps_price and variant.price == parsed.price[0]
        fields: dict[str, Any] = {
            "name": variant.name or name_of(variant.options),
            "sku": sku,
            "price": None if follows else variant.price,
            "compare_at_price": None if follows and same else before,
            "attributes": variant.options,
        }
        if "grams" in self.columns and (existing is None or existing.weight != variant.weight):
            fields["weight"] = None if variant.weight == weight else variant.weight
        if "variant_active" in self.columns:
            fields["is_active"] = variant.is_active
        return replace(existing, **fields) if existing else Variant(id=VariantId(self.new_id()), **fields)


def _is_same(existing: Product, name: str, value: Any) -> bool:
    """But for white space at the ends, which cells do not keep."""
    before = getattr(existing, name)
    return before == value or (isinstance(before, str) and name != "sku" and before.strip() == value)


def _known(parsed: ParsedProduct, existing: tuple[Variant, ...], skus: Assigned) -> Mapping[str, Variant]:
    """Which of the shop's variants each SKU of the file continues: the one of that SKU, else of those options."""
    found = {variant.sku: variant for variant in existing if variant.sku in skus.variants}
    left = [variant for variant in existing if variant.sku not in skus.variants]
    for variant, sku in zip(parsed.variants, skus.variants, strict=True):
        same = next((one for one in left if one.attributes == variant.options), None)
        if sku not in found and same is not None:
            found[sku] = same
            left.remove(same)
    return found
