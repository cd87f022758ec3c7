select sku, format('its movements leave %s on hand and %s reserved', sum(on_hand), sum(reserved))
from movement m
where not exists (select from stock s where s.sku = m.sku)
group by sku
having sum(on_hand) <> 0 or sum(reserved) <> 0
