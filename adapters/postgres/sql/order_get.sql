select o.*, (
    select json_agg(json_build_object(
        'id', l.id,
        'product', l.product_id,
        'variant', l.variant_id,
        'product_name', l.product_name,
        'variant_name', l.variant_name,
        'sku', l.sku,
        'quantity', l.quantity,
        'unit_price', json_build_object('amount', l.unit_price, 'currency', o.currency),
        'discount', json_build_object('amount', l.discount, 'currency', o.currency),
        'tax', json_build_object('amount', l.tax, 'currency', o.currency),
        'total', json_build_object('amount', l.total, 'currency', o.currency),
        'tracked', l.tracked,
        'tax_rate', l.tax_rate
    ) order by l.position)
    from purchase_line l where l.purchase_id = o.id
) as lines, (
    select json_agg(json_build_object(
        'id', r.id,
        'amount', json_build_object('amount', r.amount, 'currency', o.currency),
        'reason', r.reason,
        'asked_at', r.asked_at,
        'items', r.items,
        'restock', r.restock,
        'state', r.state
    ) order by r.asked_at, r.id)
    from refund r where r.purchase_id = o.id
) as refunds
from purchase o
