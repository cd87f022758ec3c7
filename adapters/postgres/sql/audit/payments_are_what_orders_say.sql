with paid as (
  select order_id, sum(captured) as captured, sum(refunded) as refunded,
    count(*) filter (where state <> 'cancelled') as live,
    bool_or(state in ('pending', 'failed')) as payable  -- what a bank is at can only be waited for
  from payment group by order_id
), said as (
  select purchase_id as order_id, sum(amount) as amount from refund where state = 'done' group by purchase_id
), on_its_way as (  -- the money of orders whose cancellation is owed to who gives it back, who has not tried for hours
  select o.aggregate_id as order_id
  from outbox o left join delivery d on d.event_id = o.id and d.handler = 'RefundCancelled'
  where o.type = 'OrderCancelled' and (o.position is null or (d.done_at is null and d.dead_at is null and d.attempts <= 20))
)
select p.number, format('%s, %s, total %s; %s captured and %s refunded by %s payments',
  p.status, p.payment_status, p.total, coalesce(m.captured, 0), coalesce(m.refunded, 0), coalesce(m.live, 0))
from purchase p left join paid m on m.order_id = p.id left join said s on s.order_id = p.id
where coalesce(m.live, 0) > 1
  or s.amount > coalesce(m.refunded, 0)
  or (p.paid_at is not null and coalesce(m.captured, 0) <> p.total)
  or (p.status = 'pending' and coalesce(m.captured, 0) > 0)
  or (p.status = 'cancelled' and (m.payable or m.captured <> m.refunded) and p.id not in (select order_id from on_its_way))
  or p.payment_status not in (
    case when coalesce(m.refunded, 0) = 0 then case when p.paid_at is null then 'pending' else 'paid' end
      when m.refunded >= p.total then 'refunded' else 'partially_refunded' end,
    case when p.paid_at is null and coalesce(m.refunded, 0) = 0 then 'failed' end)
