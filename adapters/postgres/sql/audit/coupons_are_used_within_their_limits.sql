with customers as (
    select coupon_id, customer, count(*) as uses from coupon_use group by coupon_id, customer
),
counted as (
    select coupon_id, sum(uses) as uses, max(uses) as most from customers group by coupon_id
)
select k.code, format('used %s times, %s uses, %s by one customer; limits %s, %s',
    k.used, coalesce(c.uses, 0), coalesce(c.most, 0), k.usage_limit, k.per_customer_limit)
from coupon k left join counted c on c.coupon_id = k.id
where k.used <> coalesce(c.uses, 0) or k.used > k.usage_limit or c.most > k.per_customer_limit
