select o.number, format('%s, coupon %s', o.status, o.placement ->> 'coupon')
from purchase o left join coupon_use u on u.purchase_id = o.id
where (u.purchase_id is not null) <> (o.placement ->> 'coupon' is not null and o.status <> 'cancelled')
