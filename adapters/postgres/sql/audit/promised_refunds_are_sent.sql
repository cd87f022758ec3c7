-- A refund is promised, and who sends it has failed for hours, or given up; it is tried again each hour.
select p.number, format('%s promised at %s is not sent after %s tries: %s', r.amount, r.asked_at, d.attempts, d.error)
from refund r join purchase p on p.id = r.purchase_id
  join outbox o on o.aggregate_id = r.purchase_id and o.type = 'RefundAsked' and o.data ->> 'refund' = r.id::text
  join delivery d on d.event_id = o.id and d.handler = 'CarryRefundOut'
where r.state = 'pending' and (d.attempts > 20 or d.dead_at is not null or d.done_at is not null)
