with mine as materialized (
  select s.sku
  from stock s join unnest($1::text[], $7::bigint[]) as read (sku, version) on s.sku = read.sku and s.version = read.version
  order by s.sku
  for no key update of s
)
update stock s
set on_hand = new.on_hand, reserved = new.reserved, backorder_limit = new.backorder_limit,
  low_stock_threshold = new.low_stock_threshold, version = new.version
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
  as new (sku, on_hand, reserved, backorder_limit, low_stock_threshold, version)
where s.sku = new.sku and s.sku in (select sku from mine)
