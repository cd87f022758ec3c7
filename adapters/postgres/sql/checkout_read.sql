-- All that placing an order is decided by, in one look: the basket, and what the key has answered before.
with c as materialized (
    select id, version, items, updated_at from cart where user_id = $1
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
        from jsonb_to_recordset(c.items) as i(product uuid, variant uuid)
        join product p on p.id = i.product
        left join variant v on v.id = i.variant and v.product_id = p.id
        left join stock s on s.sku = coalesce(v.sku, p.sku)
        where i.variant is null or v.id is not null
    ) as offers,
    (select email from account where id = $1) as email,
    o.route, o.fingerprint, o.status, o.body
from (values (1)) as always
left join c on true
left join once o on o.actor = $2 and o.key = $3
