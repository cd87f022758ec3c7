insert into search_miss as m (words, count, last_seen)
select words, count, last_seen from unnest($1::text[], $2::bigint[], $3::timestamptz[]) as new (words, count, last_seen)
on conflict (words) do update
set count = m.count + excluded.count, last_seen = greatest(m.last_seen, excluded.last_seen)
