with chosen as materialized (
    select id, type, aggregate_id, seq from outbox where position is null order by id limit $1
),
-- In the order of their ids, which is the order of time but for the clocks of several machines; within an aggregate always by number.
ordered as (
    select id, row_number() over (order by after, seq) as number
      from (select id, seq, max(id::text) over (partition by aggregate_id order by seq) as after from chosen) as each
),
numbered as (
    update outbox set position = number + (select coalesce(max(position), 0) from outbox)
      from ordered where outbox.id = ordered.id
 returning outbox.id, outbox.type
),
owed as (
    insert into delivery (event_id, handler, due_at, attempts)
    select numbered.id, subscription.handler, now(), 0
      from numbered join unnest($2::text[], $3::text[]) as subscription (type, handler) using (type)
)
select count(*) from numbered
