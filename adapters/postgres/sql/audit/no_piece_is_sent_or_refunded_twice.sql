-- Summed as float8, which is exact up to 2^53 pieces and half the work of numeric.
with gone as (
  select order_id, line, sum(sent) as sent, sum(refunded) as refunded
  from (
    select p.id as order_id, (each ->> 'line')::uuid as line, (each ->> 'quantity')::float8 as sent, 0::float8 as refunded
    from purchase p cross join lateral jsonb_array_elements(jsonb_path_query_array(p.shipments, '$[*].items[*]')) each
    where p.shipments <> '[]'
    union all
    select r.purchase_id, (each ->> 'line')::uuid, 0, (each ->> 'quantity')::float8
    from refund r cross join lateral jsonb_array_elements(r.items) each where r.state = 'done'
  ) as each group by order_id, line
), line as (
  select l.purchase_id, l.sku, l.quantity, coalesce(g.sent, 0) as sent, coalesce(g.refunded, 0) as refunded
  from purchase_line l left join gone g on g.order_id = l.purchase_id and g.line = l.id
), sums as (
  select purchase_id, bool_or(sent > quantity or refunded > quantity) as too_many,
    bool_or(sent > 0) and bool_and(sent + refunded >= quantity) as whole
  from line group by purchase_id
)
select p.number, format('%s; %s', p.status, (
  select string_agg(format('of %s %s %s sent, %s refunded', l.quantity, l.sku, l.sent, l.refunded), ', ' order by l.sku)
  from line l where l.purchase_id = p.id))
from sums s join purchase p on p.id = s.purchase_id
where s.too_many or s.whole <> (p.status in ('shipped', 'delivered'))
