-- The work of add_item in round trips: lock the cart, look at what is and will be in it, write it.
\set i :i + 1
\set n :client_id * :share + :i
\set article 1 + (:n * 3 + 3) % :articles
begin;
select id, version, items || (
    select jsonb_build_object('id', gen_random_uuid(), 'product', product, 'variant', variant, 'quantity', 1)
    from bench_article where n = :article::int
) as items
from cart where user_id = lpad(to_hex(:n::int), 32, '0')::uuid for no key update of cart \gset c_
select p.id, v.id, p.name, p.slug, v.name, v.sku, coalesce(v.price, p.price), p.currency, p.primary_image, p.is_active,
    v.is_active, p.track_inventory, s.on_hand + s.backorder_limit - s.reserved
from jsonb_to_recordset(:c_items::jsonb) as i(product uuid, variant uuid)
join product p on p.id = i.product
join variant v on v.id = i.variant
left join stock s on s.sku = v.sku;
update cart set items = :c_items::jsonb, updated_at = now(), version = version + 1
where id = :c_id::uuid and version = :c_version::bigint;
commit;
