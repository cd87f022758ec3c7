with gone as (
  select p.id as order_id, (each ->> 'line')::uuid as line, sum((each ->> 'quantity')::bigint) as sent, 0 as refunded
  from purchase p cross join lateral jsonb_array_elements(p.shipments) parcel
    cross join lateral jsonb_array_elements(parcel -> 'items') each
  where p.shipments <> '[]' group by 1, 2
  union all
  select r.purchase_id, (each ->> 'line')::uuid, 0, sum((each ->> 'quantity')::bigint)
  from refund r cross join lateral jsonb_array_elements(r.items) each where r.state = 'done' group by 1, 2
), line as (
  select l.purchase_id, l.quantity, l.sku, coalesce(sum(g.sent), 0) as sent, coalesce(sum(g.refunded), 0) as refunded
  from purchase_line l left join gone g on g.order_id = l.purchase_id and g.line = l.id
  group by l.purchase_id, l.id, l.quantity, l.sku
)
select p.number, format('%s; %s', p.status,
  string_agg(format('of %s %s %s sent, %s refunded', l.quantity, l.sku, l.sent, l.refunded), ', ' order by l.sku))
from line l join purchase p on p.id = l.purchase_id
group by p.id
having bool_or(l.sent > l.quantity or l.refunded > l.quantity)
  or (p.status in ('shipped', 'delivered')) <> (sum(l.sent) > 0 and bool_and(l.sent + l.refunded >= l.quantity))
