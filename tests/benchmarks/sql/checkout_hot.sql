-- The work of a checkout of one line of which there may be none left, in round trips.
\set i :i + 1
\set n :client_id * :share + :i
begin;
select id, version, user_id, items from cart
where user_id = lpad(to_hex(:n::int), 32, '0')::uuid for no key update \gset c_
select p.id as product, v.id as variant, p.name as product_name, v.name as variant_name, v.sku,
    coalesce(v.price, p.price) as price, s.on_hand + s.backorder_limit - s.reserved as available, uuidv7() as purchase
from jsonb_to_recordset(:c_items::jsonb) as i(product uuid, variant uuid)
join product p on p.id = i.product
join variant v on v.id = i.variant
join stock s on s.sku = v.sku \gset a_
with taken as (
    update stock set reserved = reserved + 1, version = version + 1
    where sku = :a_sku and on_hand + backorder_limit - reserved >= 1 returning version
)
select coalesce(max(version), 0) as version from taken \gset s_
\if :s_version > 0
insert into purchase (id, number, user_id, email, status, payment_status, currency, subtotal, discount, tax, shipping,
    total, items_count, placement, timeline, created_at, expires_at, version)
values (:a_purchase::uuid, 'ORD-' || :a_purchase::text, :c_user_id::uuid, 'customer@example.com', 'pending', 'pending',
    'USD', :a_price::bigint, 0, 0, 0, :a_price::bigint, 1, :placement::jsonb,
    '[{"at": "2026-11-22T12:00:00Z", "event": "placed", "detail": ""}]', now(), now() + interval '1 hour', 1);
insert into purchase_line (id, purchase_id, position, product_id, variant_id, product_name, variant_name, sku, quantity,
    unit_price, discount, tax, total, tracked)
values (uuidv7(), :a_purchase::uuid, 1, :a_product::uuid, :a_variant::uuid, :a_product_name, :a_variant_name, :a_sku, 1,
    :a_price::bigint, 0, 0, :a_price::bigint, true);
insert into movement (sku, number, on_hand, reserved, reason, at, order_id, note)
values (:a_sku, :s_version::bigint, 0, 1, 'reserved', now(), :a_purchase::uuid, '');
insert into outbox (id, type, aggregate, aggregate_id, seq, at, data)
values (uuidv7(), 'OrderPlaced', 'order', :a_purchase::uuid, 1, now(), :event::jsonb);
update cart set items = '[]', version = version + 1, updated_at = now()
where id = :c_id::uuid and version = :c_version::bigint;
insert into once (actor, key, route, fingerprint, status, body)
values ('user:' || :c_user_id::text, gen_random_uuid()::text, 'POST /api/orders/cart/checkout/',
    sha256(:c_user_id::bytea), 201, :answer::bytea);
commit;
\else
rollback;
\endif
