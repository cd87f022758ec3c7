insert into outbox (id, type, aggregate, aggregate_id, seq, at, data, actor, request_id, audited)
select * from unnest(
    $1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::bigint[], $6::timestamptz[], $7::jsonb[], $8::text[], $9::text[], $10::boolean[])
