with wanted as (
  select l.purchase_id as order_id, l.sku, sum(l.quantity) as pieces
  from purchase_line l where l.tracked group by l.purchase_id, l.sku
), moved as (
  select order_id, sku,
    coalesce(sum(reserved) filter (where reason = 'reserved'), 0) as taken,
    coalesce(-sum(reserved) filter (where reason = 'released'), 0) as released,
    coalesce(-sum(on_hand) filter (where reason = 'sold'), 0) as sold,
    coalesce(sum(on_hand) filter (where reason = 'returned'), 0) as returned
  from movement where order_id is not null group by order_id, sku
), restocked as (
  select l.purchase_id as order_id, l.sku, sum((each ->> 'quantity')::bigint) as pieces
  from refund r cross join lateral jsonb_array_elements(r.items) each
    join purchase_line l on l.purchase_id = r.purchase_id and l.id = (each ->> 'line')::uuid
  where r.restock and r.state = 'done' and l.tracked group by l.purchase_id, l.sku
)
select coalesce(p.number, order_id::text), format('%s of %s; reserved %s, released %s, sold %s, returned %s; %s, paid %s',
  coalesce(w.pieces, 0), sku, coalesce(m.taken, 0), coalesce(m.released, 0), coalesce(m.sold, 0), coalesce(m.returned, 0),
  p.status, p.paid_at is not null)
from wanted w full join moved m using (order_id, sku) left join restocked b using (order_id, sku) left join purchase p on p.id = order_id
where p.id is null or coalesce(m.taken, 0) <> coalesce(w.pieces, 0)
  or m.released <> case when p.paid_at is null and p.status = 'cancelled' then w.pieces else 0 end
  or m.sold <> case when p.paid_at is null then 0 else w.pieces end
  or m.returned <> case when p.paid_at is null then 0 when p.status = 'cancelled' then w.pieces
    else coalesce(b.pieces, 0) end
