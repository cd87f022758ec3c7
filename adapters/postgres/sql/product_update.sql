-- Locked in the order of the ids first: two writers of the same products queue instead of deadlocking.
with mine as materialized (
  select p.id
  from product p join unnest($2::uuid[], $3::bigint[]) as read (id, version) on p.id = read.id and p.version = read.version
  order by p.id
  for no key update of p
),
held as materialized (select * from jsonb_to_recordset($4) as held (sku text, product_id uuid)),
freed as (
  delete from sku
  where product_id = any($2) and not exists (select from held where held.sku = sku.sku and held.product_id = sku.product_id)
),
dropped as (delete from variant where product_id = any($2) and id <> all($5::uuid[]))
update product p
set name = g.name, slug = g.slug, sku = g.sku, description = g.description, price = g.price,
  compare_at_price = g.compare_at_price, cost_per_item = g.cost_per_item, currency = g.currency, category_id = g.category_id,
  tags = g.tags, is_active = g.is_active, is_featured = g.is_featured, track_inventory = g.track_inventory,
  low_stock_threshold = g.low_stock_threshold, meta_title = g.meta_title, meta_description = g.meta_description,
  images = g.images, primary_image = g.primary_image, variants_count = g.variants_count, rating_average = g.rating_average,
  rating_count = g.rating_count, weight = g.weight, tax_class = g.tax_class, archived_at = g.archived_at, updated_at = g.updated_at, facets = g.facets,
  version = g.version
from jsonb_populate_recordset(null::product, $1) g
where p.id = g.id and p.id in (select id from mine)
