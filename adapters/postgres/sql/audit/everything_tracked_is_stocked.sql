select k.sku, 'is sold and counted, and there is no stock of it'
from product p
join sku k on k.product_id = p.id
left join variant v on v.product_id = p.id and v.sku = k.sku
where p.archived_at is null and p.track_inventory and (p.variants_count = 0 or v.id is not null)
  and not exists (select from stock s where s.sku = k.sku)
