"""A product as an index outside of the catalogue's database holds it: the same, wherever the catalogue is stored."""

import re
from collections.abc import Sequence
from html import unescape

from application.search.index import Document
from domain.catalog import Product

TAGS = re.compile(r"<[^>]*>")


def document_of(product: Product, category_names: Sequence[str], *, in_stock: bool, popularity: int) -> Document:
    before = product.compare_at_price
    return Document(
        id=product.id,
        name=product.name,
        description=unescape(TAGS.sub(" ", product.description)),
        skus=sorted({product.sku, *product.skus}),
        tags=product.tags,
        category=product.category,
        category_names=category_names,
        variants=[dict(variant.attributes) for variant in product.variants if variant.is_active],
        price=product.price.amount,
        in_stock=in_stock,
        is_active=product.is_active,
        is_featured=product.is_featured,
        is_on_sale=before is not None and before.amount > product.price.amount,
        popularity=popularity,
        created_at=product.created_at,
    )
