-- The cart of a user (or of a guest) beside what the catalogue says of its items, and of one more article that may be put in.
with c as materialized (
    select id, version, updated_at, items, coupon_id from cart where user_id = $1 /*lock*/
),
article as (
    select i.product, i.variant from c, jsonb_to_recordset(c.items) as i(product uuid, variant uuid)
    union
    select $2::uuid, $3::uuid where $2::uuid is not null
)
select
    c.id, c.version, c.updated_at, c.items,
    (
        /*offers*/
    ) as offers,
    (
        /*carried*/
    ) as carried,
    (select p.variants_count from product p where p.id = $2::uuid) as variants_count
from (values (1)) as always left join c on true
