insert into product (
  id, name, slug, sku, description, price, compare_at_price, cost_per_item, currency, category_id, tags, is_active, is_featured,
  track_inventory, low_stock_threshold, meta_title, meta_description, images, primary_image, variants_count, rating_average,
  rating_count, weight, tax_class, archived_at, created_at, updated_at, facets, version)
select
  id, name, slug, sku, description, price, compare_at_price, cost_per_item, currency, category_id, tags, is_active, is_featured,
  track_inventory, low_stock_threshold, meta_title, meta_description, images, primary_image, variants_count, rating_average,
  rating_count, weight, tax_class, archived_at, created_at, updated_at, facets, version
from jsonb_populate_recordset(null::product, $1)
order by slug
