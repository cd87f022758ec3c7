-- The cart of a user beside what the catalogue says of its items, and of one more article that may be put in.
with c as materialized (
    select id, version, updated_at, items from cart where user_id = $1 /*lock*/
),
article as (
    select i.product, i.variant from c, jsonb_to_recordset(c.items) as i(product uuid, variant uuid)
    union
    select $2::uuid, $3::uuid where $2::uuid is not null
)
select
    c.id, c.version, c.updated_at, c.items,
    (
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
            'available', greatest(0, coalesce(s.on_hand + s.backorder_limit - s.reserved, 0))
        ))
        from article a
        join product p on p.id = a.product
        left join variant v on v.id = a.variant and v.product_id = p.id
        left join stock s on s.sku = coalesce(v.sku, p.sku)
        where a.variant is null or v.id is not null
    ) as offers,
    (select p.variants_count from product p where p.id = $2::uuid) as variants_count
from (values (1)) as always left join c on true
