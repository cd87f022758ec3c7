-- A part of statements: the coupon `k` as JSON.
json_build_object(
    'id', k.id,
    'code', k.code,
    'kind', k.kind,
    'value', k.value,
    'currency', k.currency,
    'created_at', k.created_at,
    'min_subtotal', case when k.min_subtotal is not null
        then json_build_object('amount', k.min_subtotal, 'currency', k.currency) end,
    'starts_at', k.starts_at,
    'ends_at', k.ends_at,
    'usage_limit', k.usage_limit,
    'per_customer_limit', k.per_customer_limit,
    'categories', k.categories,
    'products', k.products,
    'archived_at', k.archived_at,
    'used', k.used,
    'version', k.version
)
