select coalesce(json_agg(json_build_object(
  'id', p.id, 'name', p.name, 'slug', p.slug, 'sku', p.sku, 'description', p.description,
  'price', json_build_object('amount', p.price, 'currency', p.currency),
  'compare_at_price', case when p.compare_at_price is not null then json_build_object('amount', p.compare_at_price, 'currency', p.currency) end,
  'cost_per_item', case when p.cost_per_item is not null then json_build_object('amount', p.cost_per_item, 'currency', p.currency) end,
  'category', p.category_id, 'tags', p.tags, 'is_active', p.is_active, 'is_featured', p.is_featured,
  'track_inventory', p.track_inventory, 'low_stock_threshold', p.low_stock_threshold,
  'meta_title', p.meta_title, 'meta_description', p.meta_description, 'images', p.images,
  'rating_average', p.rating_average, 'rating_count', p.rating_count,
  'archived_at', p.archived_at, 'created_at', p.created_at, 'updated_at', p.updated_at, 'version', p.version,
  'variants', (
    select coalesce(json_agg(json_build_object(
      'id', v.id, 'name', v.name, 'sku', v.sku,
      'price', case when v.price is not null then json_build_object('amount', v.price, 'currency', p.currency) end,
      'compare_at_price', case when v.compare_at_price is not null then json_build_object('amount', v.compare_at_price, 'currency', p.currency) end,
      'attributes', v.attributes, 'is_active', v.is_active) order by v.position), '[]')
    from variant v where v.product_id = p.id)
  )), '[]')
from product p
where p.id = any($1::uuid[]) or p.slug = any($2::text[])
