"""From a product of the file to one of the shop: a new one, or changes to the one that has its address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from application.importing.products import ParsedImage, ParsedProduct, ParsedVariant, name_of
from application.importing.skus import Assigned
from application.ports import NewId, Sanitise
from domain.catalog import Product, ProductId
from domain.categories import CategoryId
from domain.images import Image, positioned
from domain.variants import Variant, VariantId

# A field follows the file only where the file has one of these columns; else a product that exists keeps what it has.
SOURCES = {
    "description": {"body"},
    "category": {"category", "type"},
    "tags": {"tags"},
    "is_active": {"published", "status"},
    "meta_title": {"seo_title"},
    "meta_description": {"seo_description"},
    "images": {"image", "variant_image"},
    "compare_at_price": {"compare_at_price"},
    "cost_per_item": {"cost"},
}


@dataclass(frozen=True, slots=True)
class TakeOver:
    """What is the same for all products of one file."""

    columns: frozenset[str]
    new_id: NewId
    sanitise: Sanitise
    at: datetime

    def __call__(
        self, parsed: ParsedProduct, existing: Product | None, skus: Assigned, category: CategoryId | None
    ) -> Product:
        """The product with the file's content; it has recorded an event if it is new or differs from before."""
        fields = self._fields(parsed, existing, skus, category)
        if existing is None:
            return Product.create(at=self.at, id=ProductId(self.new_id()), slug=parsed.slug, **fields)
        existing.change(self.at, **{name: value for name, value in fields.items() if self._is_told(name)})
        return existing

    def _is_told(self, name: str) -> bool:
        return name not in SOURCES or bool(SOURCES[name] & self.columns)

    def _fields(
        self, parsed: ParsedProduct, existing: Product | None, skus: Assigned, category: CategoryId | None
    ) -> dict[str, Any]:
        cheapest = parsed.cheapest
        return {
            "name": parsed.name,
            "sku": skus.own,
            "price": cheapest.price,
            "compare_at_price": cheapest.compare_at_price,
            "cost_per_item": cheapest.cost,
            "description": self.sanitise(parsed.body),
            "category": category,
            "tags": parsed.tags,
            "is_active": parsed.is_active,
            "track_inventory": parsed.is_tracked or (existing is not None and existing.track_inventory),
            "meta_title": parsed.meta_title,
            "meta_description": parsed.meta_description,
            "images": self._images(parsed.images, existing.images if existing else ()),
            "variants": self._variants(parsed, existing.variants if existing else (), skus),
        }

    def _images(self, parsed: tuple[ParsedImage, ...], existing: tuple[Image, ...]) -> tuple[Image, ...]:
        """The same picture keeps its id."""
        known = {image.url: image.id for image in existing}
        return positioned(
            Image(id=known.get(image.url) or self.new_id(), url=image.url, alt_text=image.alt_text) for image in parsed
        )

    def _variants(self, parsed: ParsedProduct, existing: tuple[Variant, ...], skus: Assigned) -> tuple[Variant, ...]:
        if not parsed.has_options:
            return ()
        known = _known(parsed, existing, skus)
        pairs = zip(parsed.variants, skus.variants, strict=True)
        return tuple(self._variant(variant, parsed, sku, known.get(sku)) for variant, sku in pairs)

    def _variant(self, variant: ParsedVariant, parsed: ParsedProduct, sku: str, existing: Variant | None) -> Variant:
        """A price of its own only where it differs from the product's."""
        before = variant.compare_at_price
        if existing is not None and not self._is_told("compare_at_price"):
            before = existing.compare_at_price
        same = (variant.price, before) == (parsed.cheapest.price, parsed.cheapest.compare_at_price)
        fields: dict[str, Any] = {
            "name": name_of(variant.options),
            "sku": sku,
            "price": None if same else variant.price,
            "compare_at_price": None if same else before,
            "attributes": variant.options,
        }
        return replace(existing, **fields) if existing else Variant(id=VariantId(self.new_id()), **fields)


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
