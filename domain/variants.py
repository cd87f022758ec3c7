"""Variants: the ways in which one product is sold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NewType
from uuid import UUID

from domain.errors import Conflict, Invalid, NotFound
from domain.money import Money

VariantId = NewType("VariantId", UUID)

MAX_VARIANTS = 250


class VariantNotFound(NotFound):
    code = "variant-not-found"


class VariantRequired(Invalid):
    """The product comes in variants and none was named."""

    code = "variant-required"


class TooManyVariants(Conflict):
    """A product comes in at most MAX_VARIANTS."""

    code = "too-many-variants"


@dataclass(unsafe_hash=True)
class SkuTaken(Conflict):
    sku: str
    code = "sku-taken"

    @property
    def facts(self) -> dict[str, Any]:
        return {"sku": self.sku}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way in which a product is sold. No price or weight of its own means the product's."""

    id: VariantId
    name: str
    sku: str
    price: Money | None = None
    compare_at_price: Money | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_active: bool = True
    weight: int | None = None  # grams


def options_of(variants: Iterable[Variant]) -> dict[str, list[str]]:
    """The attributes in which they differ, with their values in order of appearance."""
    found: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.attributes.items():
            found.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in found.items()}


def variant_of(variants: Iterable[Variant], id: VariantId) -> Variant:
    """Raises VariantNotFound."""
    for variant in variants:
        if variant.id == id:
            return variant
    raise VariantNotFound


def with_variant(variants: Sequence[Variant], new: Variant) -> tuple[Variant, ...]:
    """One more, at the end. Raises TooManyVariants or SkuTaken."""
    if len(variants) == MAX_VARIANTS:
        raise TooManyVariants
    _check_sku(new.sku, variants)
    return (*variants, new)


def with_changed_variant(variants: Sequence[Variant], changed: Variant) -> tuple[Variant, ...]:
    """Raises SkuTaken."""
    _check_sku(changed.sku, [variant for variant in variants if variant.id != changed.id])
    return tuple(changed if variant.id == changed.id else variant for variant in variants)


def _check_sku(sku: str, others: Iterable[Variant]) -> None:
    if any(variant.sku == sku for variant in others):
        raise SkuTaken(sku)
