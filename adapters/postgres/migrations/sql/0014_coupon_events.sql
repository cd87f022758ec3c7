INSERT INTO outbox (id, type, aggregate, aggregate_id, seq, at, data)
SELECT gen_random_uuid(), 'CouponChanged', 'coupon', k.id, n, k.created_at, jsonb_build_object(
    'coupon', k.id, 'code', k.code, 'change', CASE WHEN n = 1 THEN 'created' ELSE 'changed' END,
    'before', '{}'::jsonb, 'after', '{}'::jsonb, 'at', k.created_at)
FROM coupon k, generate_series(1, k.version) AS n
