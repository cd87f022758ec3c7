"""Variants: the ways in which one product is sold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NewType
from uuid import UUID

from domain.errors import Invalid, NotFound
from domain.money import Money

VariantId = NewType("VariantId", UUID)

MAX_VARIANTS = 250


class VariantNotFound(NotFound):
    code = "variant-not-found"


class VariantRequired(Invalid):
    """The product comes in variants and none was named."""

    code = "variant-required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way in which a product is sold. No price of its own means the product's."""

    id: VariantId
    name: str
    sku: str
    price: Money | None = None
    compare_at_price: Money | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_active: bool = True


def options_of(variants: Iterable[Variant]) -> dict[str, list[str]]:
    """The attributes in which they differ, with their values in order of appearance."""
    found: dict[str, dict[str, None]] = {}
    for variant in variants:
        for name, value in variant.attributes.items():
            found.setdefault(name, {})[value] = None
    return {name: list(values) for name, values in found.items()}
