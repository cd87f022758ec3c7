"""SKUs for what is imported: the file's own where they are free, else made from handle and options, always the same."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from application.importing.cells import BadRow
from application.importing.products import ParsedProduct
from application.importing.report import Note
from application.importing.variants import LONGEST_SKU, ParsedVariant
from domain.catalog import Product, ProductId
from domain.slugs import slugify

Holder = tuple[str, int]  # a product's handle, and a variant's row (0: the product itself)


@dataclass(frozen=True, slots=True)
class Assigned:
    """The product's own SKU, and those of its variants in the order of the file."""

    own: str
    variants: tuple[str, ...]
    notes: tuple[Note, ...] = ()


@dataclass(slots=True)
class Skus:
    """Who holds which SKU in this file. What a row names goes first, to the first row that names it."""

    holders: dict[str, Holder] = field(default_factory=dict)

    @classmethod
    def named_in(cls, products: Iterable[ParsedProduct]) -> "Skus":
        skus = cls()
        for product in products:
            for variant in product.variants:
                if variant.sku:
                    skus.holders.setdefault(variant.sku, _holder(product, variant))
            if product.own_sku:
                skus.holders.setdefault(product.own_sku, (product.handle, 0))
        return skus

    def assign(self, product: ParsedProduct, existing: Product | None, owners: Mapping[str, ProductId]) -> Assigned:
        """Raises BadRow where even the made ones belong to other products."""
        mine = existing.id if existing else None
        chosen: list[str] = []
        notes: list[Note] = []
        for variant in product.variants:
            sku = self._choose(_holder(product, variant), wishes(product, variant, existing), mine, owners, variant.row)
            if variant.sku and sku != variant.sku:
                told = f"{variant.sku!r} belongs to another product or variant: {sku!r} instead"
                notes.append(Note(variant.row, product.handle, "sku-replaced", told))
            chosen.append(sku)
        own = chosen[0]
        if product.has_options and product.own_sku in chosen:
            own = product.own_sku
        elif product.has_options:
            wanted = [sku for sku in own_wishes(product, existing) if sku not in chosen]
            own = self._choose((product.handle, 0), wanted, mine, owners, product.row)
        return Assigned(own, tuple(chosen), tuple(notes))

    def _choose(
        self, holder: Holder, wanted: Iterable[str], mine: ProductId | None, owners: Mapping[str, ProductId], row: int
    ) -> str:
        for sku in wanted:
            if owners.get(sku, mine) == mine and self.holders.setdefault(sku, holder) == holder:
                return sku
        raise BadRow(row, "sku-taken", "its SKU, and those made for it, belong to other products")


def candidates(product: ParsedProduct, existing: Product | None) -> set[str]:
    """Every SKU that the product may get."""
    found = set(own_wishes(product, existing)) if product.has_options else set()
    return found.union(*(wishes(product, variant, existing) for variant in product.variants))


def wishes(product: ParsedProduct, variant: ParsedVariant, existing: Product | None) -> list[str]:
    """What to try for a variant, best first: the file's, the one it has, two made ones."""
    held = _held(variant, existing)
    words = (product.handle, *variant.options.values())
    return [sku for sku in (variant.sku, held, _made(words), _digested(words)) if sku]


def own_wishes(product: ParsedProduct, existing: Product | None) -> list[str]:
    """What to try for a product with options, whose own SKU is in no file but ours."""
    words = (product.handle,)
    return [sku for sku in (product.own_sku, existing.sku if existing else "", _made(words), _digested(words)) if sku]


def _held(variant: ParsedVariant, existing: Product | None) -> str:
    """The SKU under which the shop has the same thing, where the file names none."""
    if existing is None or variant.sku:
        return ""
    if not variant.options:
        return "" if existing.variants else existing.sku
    return next((one.sku for one in existing.variants if one.attributes == variant.options), "")


def _holder(product: ParsedProduct, variant: ParsedVariant) -> Holder:
    return product.handle, variant.row


def _made(words: tuple[str, ...]) -> str:
    plain = slugify(" ".join(words)).upper()
    return plain if 0 < len(plain) <= LONGEST_SKU else _digested(words)


def _digested(words: tuple[str, ...]) -> str:
    """Told apart where the words alone are not: too long, or of no Latin letters."""
    digest = hashlib.sha256("\0".join(words).encode()).hexdigest()[:10].upper()
    return f"{slugify(words[0]).upper()[: LONGEST_SKU - 11].strip('-') or 'SKU'}-{digest}"
