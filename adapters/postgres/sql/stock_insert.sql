-- A SKU that was stocked before goes on counting where its ledger ended.
insert into stock (sku, on_hand, reserved, backorder_limit, low_stock_threshold, version)
select
  new.sku, new.on_hand, new.reserved, new.backorder_limit, new.low_stock_threshold,
  new.version + coalesce((select max(m.number) from movement m where m.sku = new.sku), 0)
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
  as new (sku, on_hand, reserved, backorder_limit, low_stock_threshold, version)
order by new.sku
returning sku, version
