with held as (
  insert into sku (sku, product_id)
  select held.sku, held.product_id from jsonb_to_recordset($1) as held (sku text, product_id uuid)
  where not exists (select from sku where sku.sku = held.sku and sku.product_id = held.product_id)
  order by held.sku
)
insert into variant (id, product_id, position, name, sku, price, compare_at_price, attributes, is_active, weight)
select id, product_id, position, name, sku, price, compare_at_price, attributes, is_active, weight
from jsonb_populate_recordset(null::variant, $2)
on conflict (id) do update
set position = excluded.position, name = excluded.name, sku = excluded.sku, price = excluded.price,
  compare_at_price = excluded.compare_at_price, attributes = excluded.attributes, is_active = excluded.is_active,
  weight = excluded.weight
where (variant.position, variant.name, variant.sku, variant.price, variant.compare_at_price, variant.attributes, variant.is_active,
  variant.weight)
  is distinct from
  (excluded.position, excluded.name, excluded.sku, excluded.price, excluded.compare_at_price, excluded.attributes, excluded.is_active,
  excluded.weight)
