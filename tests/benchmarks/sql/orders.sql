-- The books of $1 orders of three lines each, in every state that there is, as the shop would have kept them: the audit finds nothing.
-- (Each statement is run by itself; bench_article and bench_customer are there.)

create unlogged table bench_order as
select n, gen_random_uuid() as id, gen_random_uuid() as payment, lpad(to_hex(1 + n % $2), 32, '0')::uuid as customer,
  now() - interval '300 days' + n * interval '1 minute' as at,
  (array['pending', 'cancelled', 'processing', 'shipped', 'shipped', 'delivered', 'delivered', 'delivered', 'delivered', 'cancelled'])[1 + n % 10] as status,
  n % 10 >= 2 as paid, n % 10 = 8 as returned, n % 20 = 2 as reduced
from generate_series(1, $1) as n;

create unlogged table bench_line as
select o.n, o.id as order_id, gen_random_uuid() as id, k as position, a.product, a.variant, a.sku, 1 + (o.n + k) % 3 as quantity,
  1000 + 10 * (o.n % 50) as price, o.status, o.paid, o.returned and k = 0 as returned, o.at
from bench_order o cross join generate_series(0, 2) as k
  join bench_article a on a.n = 1 + (o.n * 3 + k) % (select count(*) from bench_article);

insert into purchase (id, number, user_id, email, status, payment_status, currency, subtotal, discount, tax, shipping, total, items_count,
  placement, timeline, shipments, created_at, expires_at, paid_at, shipped_at, delivered_at, cancelled_at, version)
select o.id, 'ORD-' || o.n, o.customer, 'customer' || (1 + o.n % $1) || '@example.com', o.status,
  case when not o.paid then 'pending' when o.status = 'cancelled' then 'refunded' when o.returned then 'partially_refunded' else 'paid' end,
  'USD', l.subtotal, 0, 0, 500, l.subtotal + 500, l.pieces,
  jsonb_build_object('user', o.customer, 'guest', null, 'email', 'customer@example.com', 'shipping_address', $2::jsonb, 'billing_address', $2::jsonb,
    'shipping_method', 'standard', 'customer_notes', '', 'coupon', case when o.reduced then 'BOOKS' end),
  jsonb_build_array(jsonb_build_object('event', 'placed', 'at', o.at, 'detail', '')),
  case when o.status in ('shipped', 'delivered') then jsonb_build_array(jsonb_build_object('id', gen_random_uuid(), 'at', o.at, 'carrier', '',
    'tracking_number', '', 'items', l.items)) else '[]' end,
  o.at, o.at + interval '1 day', case when o.paid then o.at end, case when o.status in ('shipped', 'delivered') then o.at end,
  case when o.status = 'delivered' then o.at end, case when o.status = 'cancelled' then o.at end,
  1 + o.paid::int + (o.status <> 'pending' and o.status <> 'processing')::int + (o.status = 'delivered')::int
from bench_order o join (
  select order_id, sum(quantity * price) as subtotal, sum(quantity) as pieces,
    jsonb_agg(jsonb_build_object('line', id, 'quantity', quantity)) as items
  from bench_line group by order_id) l on l.order_id = o.id;

insert into purchase_line (id, purchase_id, position, product_id, variant_id, product_name, variant_name, sku, quantity, unit_price, discount, tax, total, tracked)
select id, order_id, position, product, variant, 'A thing of ' || sku, '', sku, quantity, price, 0, 0, quantity * price, true from bench_line;

delete from movement where sku in (select sku from bench_article);

insert into movement (sku, number, on_hand, reserved, reason, at, order_id, note)
select sku, row_number() over (partition by sku order by at, step, n), on_hand, reserved, reason, at, order_id, ''
from (
  select sku, 0 as n, 0 as step, 1000000 as on_hand, 0 as reserved, 'received' as reason, now() - interval '301 days' as at, null::uuid as order_id from bench_article
  union all select sku, n, 1, 0, quantity, 'reserved', at, order_id from bench_line
  union all select sku, n, 2, -quantity, -quantity, 'sold', at, order_id from bench_line where paid
  union all select sku, n, 2, 0, -quantity, 'released', at, order_id from bench_line where not paid and status = 'cancelled'
  union all select sku, n, 3, quantity, 0, 'returned', at, order_id from bench_line where paid and status = 'cancelled'
  union all select sku, n, 3, 1, 0, 'returned', at, order_id from bench_line where returned
) as moved;

update stock s set on_hand = m.on_hand, reserved = m.reserved, version = m.pieces
from (select sku, sum(on_hand) as on_hand, sum(reserved) as reserved, count(*) as pieces from movement group by sku) m where m.sku = s.sku;

insert into payment (id, order_id, order_number, user_id, amount, currency, intent, state, captured, refunded, created_at, paid_at, version)
select o.payment, o.id, p.number, o.customer, p.total, 'USD', 'pi_' || o.n,
  case when not o.paid then 'cancelled' when o.status = 'cancelled' then 'refunded' when o.returned then 'partially_refunded' else 'succeeded' end,
  case when o.paid then p.total else 0 end, case when o.paid and o.status = 'cancelled' then p.total when o.returned then 100 else 0 end,
  o.at, case when o.paid then o.at end, 2
from bench_order o join purchase p on p.id = o.id where o.status <> 'pending';

insert into refund (id, purchase_id, amount, reason, asked_at, items, restock, state)
select gen_random_uuid(), order_id, 100, 'too large', at, jsonb_build_array(jsonb_build_object('line', id, 'quantity', 1)), true, 'done'
from bench_line where returned;

insert into coupon (id, code, kind, value, currency, categories, products, created_at, used, version)
select gen_random_uuid(), 'BOOKS', 'percent', 1, 'USD', '{}', '{}', now(), count(*), 0 from bench_order where reduced;

insert into coupon_use (purchase_id, coupon_id, customer, n)
select o.id, k.id, 'user:' || o.customer, row_number() over (partition by o.customer order by o.n)
from bench_order o cross join coupon k where o.reduced;

insert into outbox (id, type, aggregate, aggregate_id, seq, at, data, position)
select gen_random_uuid(), type, aggregate, aggregate_id, seq, at,
  jsonb_build_object('order', order_id, 'number', 'ORD-' || n, 'total', 1000, 'currency', 'USD', 'email', 'customer@example.com', 'at', at),
  (select coalesce(max(position), 0) from outbox) + row_number() over (order by n, aggregate, seq)
from (
  select n, (array['OrderPlaced', case when o.paid then 'OrderPaid' else 'OrderCancelled' end,
      case when o.status = 'cancelled' then 'OrderCancelled' else 'OrderShipped' end, 'OrderDelivered'])[seq] as type,
    'order' as aggregate, o.id as aggregate_id, o.id as order_id, seq, o.at
  from bench_order o join purchase p using (id) cross join lateral generate_series(1, p.version) as seq
  union all
  select n, (array['PaymentRequested', 'PaymentSettled'])[seq], 'payment', payment, id, seq, at
  from bench_order cross join generate_series(1, 2) as seq where status <> 'pending'
) as told;

insert into delivery (event_id, handler, due_at, attempts, done_at)
select e.id, handler, e.at, 1, e.at
from outbox e cross join unnest(case e.type when 'OrderCancelled' then array['RefundCancelled', 'TellOfCancellation'] else array['IndexOrder', 'ConfirmOrder'] end) as handler
where e.aggregate in ('order', 'payment');

insert into once (actor, key, route, fingerprint, status, body, created_at)
select 'user:' || o.customer, o.id::text, 'POST /api/orders/cart/checkout', '\x00', 201,
  convert_to(jsonb_build_object('id', o.id, 'order_number', 'ORD-' || o.n, 'items', l.items, 'status', 'pending')::text, 'UTF8'), o.at
from bench_order o join (
  select order_id, jsonb_agg(jsonb_build_object('id', id, 'sku', sku, 'product_name', sku, 'quantity', quantity, 'unit_price', price)) as items
  from bench_line group by order_id) l on l.order_id = o.id
