-- A part of statements: what the catalogue offers of the rows of `article(product, variant)`, as JSON.
select json_agg(json_build_object(
    'product', p.id,
    'variant', v.id,
    'product_name', p.name,
    'product_slug', p.slug,
    'variant_name', coalesce(v.name, ''),
    'sku', coalesce(v.sku, p.sku),
    'price', json_build_object('amount', coalesce(v.price, p.price), 'currency', p.currency),
    'image', p.primary_image,
    'on_sale', p.is_active and p.archived_at is null and coalesce(v.is_active, p.variants_count = 0),
    'tracked', p.track_inventory,
    'weight', coalesce(v.weight, p.weight),
    'tax_class', p.tax_class,
    'available', greatest(0, coalesce(s.on_hand + s.backorder_limit - s.reserved, 0))
))
from article a
join product p on p.id = a.product
left join variant v on v.id = a.variant and v.product_id = p.id
left join stock s on s.sku = coalesce(v.sku, p.sku)
where a.variant is null or v.id is not null
