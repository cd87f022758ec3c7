"""The pure functions that make views of aggregates or rows: one answer, wherever the catalogue is stored."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import UNSET

from application.catalog.views import (
    CategoryPath,
    CategoryRef,
    CategoryView,
    ImageView,
    OptionView,
    ProductItem,
    ProductView,
    StaffProductView,
    Thumbnails,
    VariantView,
    Versioned,
)
from application.catalog.wishes import id_of
from application.paging import Cursors, page_of_all
from application.ports import Page, PageRequest
from domain.catalog import Product
from domain.categories import Category, CategoryId, CategoryNotFound
from domain.images import Image
from domain.inventory import Shelf, Sku
from domain.money import written
from domain.variants import Variant, VariantId, VariantNotFound, options_of


def product_item(
    id: UUID,
    name: str,
    slug: str,
    price: int,
    compare_at_price: int | None,
    currency: str,
    image: str | None,
    category: UUID | None,
    category_name: str | None,
    category_slug: str | None,
    available: int,
    is_tracked: bool,
    threshold: int,
    is_active: bool,
    is_featured: bool,
    variants: int,
    rating_average: float | None,
    rating_count: int,
) -> ProductItem:
    """The list's item made of a row."""
    cut = max(0, compare_at_price - price) if compare_at_price else 0
    return ProductItem(
        id,
        name,
        slug,
        written(price, currency),
        None if compare_at_price is None else written(compare_at_price, currency),
        currency,
        cut > 0,
        cut * 100 // compare_at_price if compare_at_price else 0,
        image,
        None if category is None else CategoryRef(category, category_name or "", category_slug or ""),
        category_name or "",
        available,
        available > 0 or not is_tracked,
        is_tracked and available <= threshold,
        is_active,
        is_featured,
        variants > 0,
        rating_average,
        rating_count,
    )


def item_of(product: Product, category: Category | None, shelf: Shelf) -> ProductItem:
    """The list's item made from the aggregates."""
    sold = [Sku(variant.sku) for variant in product.variants if variant.is_active] if product.variants else product.skus
    return product_item(
        product.id,
        product.name,
        product.slug,
        product.price.amount,
        None if product.compare_at_price is None else product.compare_at_price.amount,
        product.price.currency,
        product.primary_image,
        category.id if category else None,
        category.name if category else None,
        category.slug if category else None,
        sum(shelf[Sku(sku)].available for sku in sold if sku in shelf),
        product.track_inventory,
        product.low_stock_threshold,
        product.is_active,
        product.is_featured,
        len(product.variants),
        product.rating_average,
        product.rating_count,
    )


def product_view(product: Product, path: Sequence[Category], shelf: Shelf, *, staff: bool) -> Versioned[ProductView]:
    """The product in full; `path` leads from the topmost category to its own. Only staff see inactive variants."""
    item = item_of(product, path[-1] if path else None, shelf)
    shown = [variant for variant in product.variants if staff or variant.is_active]
    fields = {
        **{name: getattr(item, name) for name in ProductItem.__struct_fields__},
        "category": _path_view(path),
        "description": product.description,
        "sku": product.sku,
        "track_inventory": product.track_inventory,
        "tags": product.tags,
        "meta_title": product.meta_title,
        "meta_description": product.meta_description,
        "images": [image_view(image) for image in product.images],
        "variants": [_variant_view(variant, product, shelf, staff=staff) for variant in shown],
        "options": _options(shown),
        "created_at": product.created_at,
        "updated_at": product.updated_at,
    }
    version = _version(product, path, shelf)
    if not staff:
        return Versioned(ProductView(**fields), version)
    return Versioned(
        StaffProductView(
            **fields,
            cost_per_item=None if product.cost_per_item is None else str(product.cost_per_item),
            low_stock_threshold=product.low_stock_threshold,
            on_hand=sum(item.on_hand for item in shelf.values()),
            reserved=sum(item.reserved for item in shelf.values()),
            weight=product.weight,
            tax_class=product.tax_class,
        ),
        version,
    )


def _version(product: Product, path: Sequence[Category], shelf: Shelf) -> str:
    """The product's and its stock's; behind them the categories', once one of them was changed."""
    version = f"{product.version}.{sum(item.version for item in shelf.values())}"
    named = [category.version for category in reversed(path)]
    return f"{version}-{'-'.join(map(str, named))}" if max(named, default=1) > 1 else version


def _path_view(path: Sequence[Category]) -> CategoryPath | None:
    refs = [CategoryRef(category.id, category.name, category.slug) for category in path]
    return CategoryPath(refs[-1].id, refs[-1].name, refs[-1].slug, refs[:-1]) if refs else None


def image_view(image: Image) -> ImageView:
    thumbnails = Thumbnails(image.small or image.url, image.medium or image.url)
    return ImageView(image.id, image.url, thumbnails, image.alt_text, image.is_primary, image.position)


def _variant_view(variant: Variant, product: Product, shelf: Shelf, *, staff: bool) -> VariantView:
    available = shelf[Sku(variant.sku)].available if variant.sku in shelf else 0
    before = product.compare_at_price if variant.price is variant.compare_at_price is None else variant.compare_at_price
    return VariantView(
        variant.id,
        variant.name,
        variant.sku,
        str(product.price if variant.price is None else variant.price),
        None if before is None else str(before),
        available,
        available > 0 or not product.track_inventory,
        variant.is_active,
        variant.attributes,
        variant.weight if staff else UNSET,
    )


def shown_variant(product: Versioned[ProductView], id: VariantId) -> Versioned[VariantView]:
    """One of the product's variants, in the versions of product and stock. Raises VariantNotFound."""
    for variant in product.view.variants:
        if variant.id == id:
            return Versioned(variant, product.version.partition("-")[0])
    raise VariantNotFound


def _options(variants: Iterable[Variant]) -> list[OptionView]:
    return [OptionView(name, values) for name, values in options_of(variants).items()]


def category_views(
    categories: Sequence[Category], counts: Mapping[CategoryId, int], *, staff: bool
) -> list[Versioned[CategoryView]]:
    """All that may be seen, by name. `counts` has the active products that are directly in each."""
    by_id = {category.id: category for category in categories}
    children = _children(categories)

    def count(id: CategoryId) -> int:
        return counts.get(id, 0) + sum(count(child.id) for child in children.get(id, ()) if child.is_active)

    return [
        _category_view(category, by_id.get(category.parent) if category.parent else None, count(category.id))
        for category in sorted(categories, key=lambda one: (one.name, one.id))
        if staff or category.is_active
    ]


def _category_view(category: Category, parent: Category | None, count: int) -> Versioned[CategoryView]:
    view = CategoryView(
        category.id,
        category.name,
        category.slug,
        category.description,
        CategoryRef(parent.id, parent.name, parent.slug) if parent else None,
        category.is_active,
        count,
    )
    return Versioned(view, f"{category.version}.{parent.version if parent else 0}-{count}")


def _children(categories: Sequence[Category]) -> dict[CategoryId, list[Category]]:
    children: dict[CategoryId, list[Category]] = {}
    for category in categories:
        if category.parent:
            children.setdefault(category.parent, []).append(category)
    return children


def as_tree(views: Sequence[CategoryView]) -> list[CategoryView]:
    """The topmost, each with those below it. What hangs below one that may not be seen is not seen either."""
    by_id = {view.id: view for view in views}
    for view in views:
        view.children = []
    for view in views:
        above = by_id.get(CategoryId(view.parent.id)) if view.parent else None
        if above and above.children is not UNSET:
            above.children.append(view)
    return [view for view in views if view.parent is None]


def named_category(found: Sequence[Versioned[CategoryView]], ref: str) -> Versioned[CategoryView]:
    """By slug or id. Raises CategoryNotFound."""
    for one in found:
        if one.view.slug == ref or one.view.id == id_of(ref):
            return one
    raise CategoryNotFound


def page_of_categories(views: Sequence[CategoryView], page: PageRequest, cursors: Cursors) -> Page[CategoryView]:
    """A page of all that may be seen, which come by name."""
    return page_of_all(views, lambda view: (view.name, str(view.id)), page, cursors, "categories name")
