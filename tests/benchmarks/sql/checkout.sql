-- The work of a checkout of three lines in round trips: cart, articles, stock by SKU, order, lines, movements, event,
-- cart, key.
\set i :i + 1
\set n :client_id * :share + :i
begin;
select id, version, user_id, items from cart
where user_id = lpad(to_hex(:n::int), 32, '0')::uuid for no key update \gset c_
select json_agg(json_build_object('product', p.id, 'variant', v.id, 'product_name', p.name, 'variant_name', v.name,
    'sku', v.sku, 'price', coalesce(v.price, p.price), 'quantity', i.quantity,
    'available', s.on_hand + s.backorder_limit - s.reserved) order by v.sku)::text as found,
    sum(coalesce(v.price, p.price) * i.quantity) as subtotal, uuidv7() as purchase
from jsonb_to_recordset(:c_items::jsonb) as i(product uuid, variant uuid, quantity bigint)
join product p on p.id = i.product
join variant v on v.id = i.variant
join stock s on s.sku = v.sku \gset a_
update stock set reserved = reserved + 1, version = version + 1
where sku = :a_found::json -> 0 ->> 'sku' and on_hand + backorder_limit - reserved >= 1 returning version \gset first_
update stock set reserved = reserved + 1, version = version + 1
where sku = :a_found::json -> 1 ->> 'sku' and on_hand + backorder_limit - reserved >= 1 returning version \gset second_
update stock set reserved = reserved + 1, version = version + 1
where sku = :a_found::json -> 2 ->> 'sku' and on_hand + backorder_limit - reserved >= 1 returning version \gset third_
insert into purchase (id, number, user_id, email, status, payment_status, currency, subtotal, discount, tax, shipping,
    total, items_count, placement, timeline, created_at, expires_at, version)
values (:a_purchase::uuid, 'ORD-' || :a_purchase::text, :c_user_id::uuid, 'customer@example.com', 'pending', 'pending',
    'USD', :a_subtotal::bigint, 0, 0, 0, :a_subtotal::bigint, 3, :placement::jsonb,
    '[{"at": "2026-11-22T12:00:00Z", "event": "placed", "detail": ""}]', now(), now() + interval '1 hour', 1);
insert into purchase_line (id, purchase_id, position, product_id, variant_id, product_name, variant_name, sku, quantity,
    unit_price, discount, tax, total, tracked)
select uuidv7(), :a_purchase::uuid, l.position, product, variant, product_name, variant_name, sku, quantity, price, 0, 0,
    price * quantity, true
from rows from (json_to_recordset(:a_found::json)
    as (product uuid, variant uuid, product_name text, variant_name text, sku text, quantity bigint, price bigint))
    with ordinality as l(product, variant, product_name, variant_name, sku, quantity, price, position);
insert into movement (sku, number, on_hand, reserved, reason, at, order_id, note)
values (:a_found::json -> 0 ->> 'sku', :first_version::bigint, 0, 1, 'reserved', now(), :a_purchase::uuid, ''),
    (:a_found::json -> 1 ->> 'sku', :second_version::bigint, 0, 1, 'reserved', now(), :a_purchase::uuid, ''),
    (:a_found::json -> 2 ->> 'sku', :third_version::bigint, 0, 1, 'reserved', now(), :a_purchase::uuid, '');
insert into outbox (id, type, aggregate, aggregate_id, seq, at, data)
values (uuidv7(), 'OrderPlaced', 'order', :a_purchase::uuid, 1, now(), :event::jsonb);
update cart set items = '[]', version = version + 1, updated_at = now()
where id = :c_id::uuid and version = :c_version::bigint;
insert into once (actor, key, route, fingerprint, status, body)
values ('user:' || :c_user_id::text, gen_random_uuid()::text, 'POST /api/orders/cart/checkout/',
    sha256(:c_user_id::bytea), 201, :answer::bytea);
commit;
