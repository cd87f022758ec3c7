insert into movement (sku, number, on_hand, reserved, reason, at, order_id, note, actor_id)
select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::timestamptz[], $7::uuid[], $8::text[], $9::uuid[])
