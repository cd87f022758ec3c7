"""The columns of an export, and rows as lines of CSV."""

import csv
import io
from collections.abc import Iterable, Mapping

from application.importing.rows import HEADINGS, escaped

# Our name of a column: its heading. First those that Shopify's own exports have, in their order.
SHOPIFY = {
    "handle": "Handle",
    "title": "Title",
    "body": "Body (HTML)",
    "vendor": "Vendor",
    "category": "Product Category",
    "type": "Type",
    "tags": "Tags",
    "published": "Published",
    "option1_name": "Option1 Name",
    "option1_value": "Option1 Value",
    "option2_name": "Option2 Name",
    "option2_value": "Option2 Value",
    "option3_name": "Option3 Name",
    "option3_value": "Option3 Value",
    "sku": "Variant SKU",
    "grams": "Variant Grams",
    "tracker": "Variant Inventory Tracker",
    "quantity": "Variant Inventory Qty",
    "policy": "Variant Inventory Policy",
    "fulfillment": "Variant Fulfillment Service",
    "price": "Variant Price",
    "compare_at_price": "Variant Compare At Price",
    "shipping": "Variant Requires Shipping",
    "taxable": "Variant Taxable",
    "barcode": "Variant Barcode",
    "image": "Image Src",
    "image_position": "Image Position",
    "image_alt": "Image Alt Text",
    "gift_card": "Gift Card",
    "seo_title": "SEO Title",
    "seo_description": "SEO Description",
    "variant_image": "Variant Image",
    "weight_unit": "Variant Weight Unit",
    "cost": "Cost per item",
    "status": "Status",
}
OWN = {
    name: names[0].title().replace("Sku", "SKU")
    for name, names in HEADINGS.items()
    if names[0].startswith("tradepost ")
}
COLUMNS = SHOPIFY | OWN
NUMBERS = frozenset({"quantity", "price", "compare_at_price", "cost", "own_price", "own_compare_at_price"})


def lines(rows: Iterable[Mapping[str, str]]) -> bytes:
    """The rows as CSV in UTF-8; for none, the line of headings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    listed = [[_cell(name, row.get(name, "")) for name in COLUMNS] for row in rows]
    writer.writerows(listed or [list(COLUMNS.values())])
    return text.getvalue().encode()


def _cell(name: str, text: str) -> str:
    """No text of ours begins like a formula; a number may have a sign."""
    return text if name in NUMBERS else escaped(text)
