"""The catalogue as a file in Shopify's CSV format, which imports again to the same catalogue."""
