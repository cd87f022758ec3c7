-- Lock first, then write. Every lock waits for the one before it (cart, then coupon, then stock by SKU); `go` has a row only if
-- all were got; every write hangs on it, since PostgreSQL runs each modifying CTE whether its neighbours found rows or not.
with want as materialized (
    select * from unnest($1::text[], $2::bigint[]) as w(sku, quantity)
),
c as materialized (
    select id from cart where id = $3 and version = $4 for no key update
),
k as materialized (
    select id from coupon where id = $41 and version = $42 and archived_at is null
      and (usage_limit is null or used < usage_limit) and exists (select from c)
    for no key update
),
s as materialized (
    select st.sku, want.quantity from stock st join want using (sku)
    where st.on_hand + st.backorder_limit - st.reserved >= want.quantity
      and exists (select from c) and ($41::uuid is null or exists (select from k))
    order by st.sku for no key update of st
),
go as materialized (
    select 1 where exists (select from c) and ($41::uuid is null or exists (select from k))
      and (select count(*) from s) = (select count(*) from want)
),
taken as (
    update stock set reserved = stock.reserved + s.quantity, version = stock.version + 1
    from s where stock.sku = s.sku and exists (select from go)
    returning stock.sku, stock.version, s.quantity
),
moved as (
    insert into movement (sku, number, on_hand, reserved, reason, at, order_id, note)
    select sku, version, 0, quantity, 'reserved', $14, $5, '' from taken
),
placed as (
    insert into purchase (id, number, user_id, email, status, payment_status, currency, subtotal, discount, tax, shipping,
        total, items_count, placement, timeline, created_at, expires_at, version)
    select $5, $6, $7::uuid, $8, 'pending', 'pending', $9, $10::bigint, $11::bigint, $12::bigint, $13::bigint,
        $15::bigint, $16::bigint, $17::jsonb, $18::jsonb, $14::timestamptz, $19::timestamptz, 1
    from go
),
lined as (
    insert into purchase_line (id, purchase_id, position, product_id, variant_id, product_name, variant_name, sku,
        quantity, unit_price, discount, tax, total, tracked, tax_rate)
    select l.id, $5, l.position, l.product, l.variant, l.product_name, l.variant_name, l.sku,
        l.quantity, l.unit_price, l.discount, l.tax, l.total, l.tracked, l.tax_rate
    from go, unnest($20::uuid[], $21::uuid[], $22::uuid[], $23::text[], $24::text[], $25::text[],
        $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[], $31::boolean[], $45::numeric[])
        with ordinality as l(id, product, variant, product_name, variant_name, sku, quantity, unit_price, discount, tax, total,
        tracked, tax_rate, position)
),
told as (
    insert into outbox (id, type, aggregate, aggregate_id, seq, at, data)
    select $32::uuid, $33, 'order', $5, 1, $14, $34::jsonb from go
),
used as (
    update coupon set used = used + 1 where id = $41 and exists (select from go)
),
claimed as (
    insert into coupon_use (purchase_id, coupon_id, customer, n)
    select $5, $41, $43, $44::bigint from go where $41::uuid is not null
),
remembered as (
    insert into once (actor, key, route, fingerprint, status, body)
    select $35, $36, $37, $38::bytea, $39::bigint, $40::bytea from go where $35::text is not null
),
emptied as (
    update cart set items = '[]', coupon_id = null, version = version + 1, updated_at = $14 where id = $3 and exists (select from go)
)
select count(*) from go
