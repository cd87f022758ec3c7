-- The first one claims; whose lease ended is overtaken, and what they left behind is the answer for good.
insert into once as o (actor, key, route, fingerprint, lease_until, fence, created_at)
values ($1, $2, $3, $4, clock_timestamp() + $5, 1, date_trunc('milliseconds', clock_timestamp()))
on conflict (actor, key) do update
set fence = o.fence + 1, lease_until = case when o.body is null then excluded.lease_until end
where o.lease_until < clock_timestamp() and o.route = excluded.route and o.fingerprint = excluded.fingerprint
returning fence, created_at, body
