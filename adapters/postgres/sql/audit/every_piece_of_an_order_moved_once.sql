-- Summed as float8, which is exact up to 2^53 pieces and half the work of numeric.
with moved as (
  select order_id, sku, sum(wanted) as wanted, sum(taken) as taken, sum(released) as released, sum(sold) as sold,
    sum(returned) as returned, sum(restocked) as restocked
  from (
    select purchase_id as order_id, sku, quantity::float8 as wanted, 0::float8 as taken, 0::float8 as released, 0::float8 as sold,
      0::float8 as returned, 0::float8 as restocked
    from purchase_line where tracked
    union all
    select order_id, sku, 0,
      case reason when 'reserved' then reserved else 0 end, case reason when 'released' then -reserved else 0 end,
      case reason when 'sold' then -on_hand else 0 end, case reason when 'returned' then on_hand else 0 end, 0
    from movement where order_id is not null
    union all
    select r.purchase_id, l.sku, 0, 0, 0, 0, 0, (each ->> 'quantity')::bigint
    from refund r cross join lateral jsonb_array_elements(r.items) each
      join purchase_line l on l.purchase_id = r.purchase_id and l.id = (each ->> 'line')::uuid
    where r.restock and r.state = 'done' and l.tracked
  ) as each group by order_id, sku
), revived as materialized (  -- after it had expired: reserved twice, and released before the second time
  select id from purchase where timeline @> '[{"event": "revived"}]'
)
select coalesce(p.number, order_id::text), format('%s of %s; reserved %s, released %s, sold %s, returned %s; %s, paid %s',
  wanted, sku, taken, released, sold, returned, p.status, p.paid_at is not null)
from moved left join purchase p on p.id = order_id left join revived v on v.id = order_id
where p.id is null or taken <> case when v.id is null then wanted else 2 * wanted end
  or released <> case when v.id is not null or (p.paid_at is null and p.status = 'cancelled') then wanted else 0 end
  or sold <> case when p.paid_at is null then 0 else wanted end
  or returned <> case when p.paid_at is null then 0 when p.status = 'cancelled' then wanted else restocked end
