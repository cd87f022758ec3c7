UPDATE category SET version = 1;

INSERT INTO outbox (id, type, aggregate, aggregate_id, seq, at, data)
SELECT gen_random_uuid(), 'CategoryChanged', 'category', id, 1, now(), jsonb_build_object(
    'at', now(), 'category', id, 'change', 'created', 'name', name, 'slug', slug, 'parent', parent_id,
    'is_active', is_active, 'fields', '[]'::jsonb)
FROM category
