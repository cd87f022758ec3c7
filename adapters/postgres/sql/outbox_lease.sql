with due as materialized (
    select event_id from delivery
     where handler = $1 and done_at is null and dead_at is null and due_at <= now()
     order by due_at limit $2 for update skip locked
),
leased as (
    update delivery set attempts = attempts + 1, due_at = now() + $3::interval
      from due where delivery.handler = $1 and delivery.event_id = due.event_id
 returning delivery.event_id, delivery.attempts
)
select outbox.id, type, aggregate, aggregate_id, seq, at, data, attempts
  from leased join outbox on outbox.id = leased.event_id order by position
