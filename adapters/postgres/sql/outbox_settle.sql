with outcome as (
    select * from unnest($2::uuid[], $3::bigint[], $4::text[], $5::interval[]) as o (event_id, attempts, error, retry_in)
),
-- Locked in one order, so that two who settle cannot wait for each other; the attempt is the fence of the lease.
ours as materialized (
    select delivery.event_id from delivery join outcome using (event_id, attempts)
     where handler = $1 and done_at is null and dead_at is null
     order by delivery.event_id for update of delivery
)
update delivery
   set done_at = case when outcome.error is null then now() end,
       dead_at = case when outcome.error is not null and retry_in is null then now() end,
       due_at = now() + coalesce(retry_in, interval '0'),
       error = coalesce(outcome.error, delivery.error)
  from ours join outcome using (event_id)
 where delivery.event_id = ours.event_id and handler = $1
