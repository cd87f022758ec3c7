-- All that placing an order is decided by, in one look: the basket, and what the key has answered before.
-- Arguments that may be null stand in a SELECT: else PostgreSQL would plan anew each time, at ten times the cost of the look.
with c as materialized (
    select id, version, items, updated_at, coupon_id from cart where user_id = (select $1::uuid)
    union all
    select id, version, items, updated_at, coupon_id from cart where guest = (select $5::bytea)
),
article as (
    select i.product, i.variant from c, jsonb_to_recordset(c.items) as i(product uuid, variant uuid)
)
select
    c.id, c.version, c.updated_at, c.items,
    (
        /*offers*/
    ) as offers,
    (
        /*carried*/
    ) as carried,
    (select email from account where id = $1 and is_active) as email,
    (select jsonb_object_agg(id, to_jsonb(a)) from address a where user_id = $1 and id = any((select $4::uuid[])::uuid[])) as addresses,
    (select version from rate_book) as rates,
    o.route, o.fingerprint, o.status, o.body
from (values (1)) as always
left join c on true
left join once o on o.actor = (select $2::text) and o.key = (select $3::text)
