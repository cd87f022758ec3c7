with versions as (
  select 'order' as aggregate, id, version from purchase
  union all select 'payment', id, version from payment
  union all select 'product', id, version from product
  union all select 'category', id, version from category
  union all select 'user', id, version from account
  union all select 'coupon', id, version from coupon
  union all select 'ratebook', id, version from rate_book
), told as (
  select aggregate, aggregate_id as id, count(*) as events, min(seq) as first, max(seq) as last
  from outbox group by aggregate, aggregate_id
)
select aggregate || ' ' || id, format('version %s, %s events from %s to %s', v.version, coalesce(t.events, 0), t.first, t.last)
from versions v full join told t using (aggregate, id)
where (v.id is null and aggregate in ('order', 'payment'))
  or (v.id is not null and v.version <> coalesce(t.last, 0))
  or (t.id is not null and aggregate <> 'stock' and (t.first <> 1 or t.events <> t.last))
