with held as (
  select l.sku, sum(l.quantity) as pieces
  from purchase p join purchase_line l on l.purchase_id = p.id
  where p.paid_at is null and p.status = 'pending' and l.tracked
  group by l.sku
)
select sku, format('%s reserved, open orders hold %s', coalesce(s.reserved, 0), coalesce(h.pieces, 0))
from stock s full join held h using (sku)
where coalesce(s.reserved, 0) <> coalesce(h.pieces, 0)
