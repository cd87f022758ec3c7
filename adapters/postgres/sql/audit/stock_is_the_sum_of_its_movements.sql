select sku, format('on hand %s, reserved %s, version %s; %s movements up to number %s make %s and %s',
  s.on_hand, s.reserved, s.version, coalesce(m.pieces, 0), coalesce(m.last, 0), coalesce(m.on_hand, 0), coalesce(m.reserved, 0))
from stock s
left join (
  select sku, sum(on_hand) as on_hand, sum(reserved) as reserved, count(*) as pieces, max(number) as last
  from movement group by sku
) m using (sku)
where (s.on_hand, s.reserved, s.version, s.version)
  is distinct from (coalesce(m.on_hand, 0), coalesce(m.reserved, 0), coalesce(m.pieces, 0), coalesce(m.last, 0))
