select p.number, format('subtotal %s, discount %s, tax %s, items %s, total %s; its lines make %s, %s, %s, %s, %s',
  p.subtotal, p.discount, p.tax, p.items_count, p.total, coalesce(l.subtotal, 0), coalesce(l.discount, 0),
  coalesce(l.tax, 0), coalesce(l.items, 0), coalesce(l.subtotal - l.discount + l.tax, 0) + p.shipping)
from purchase p
left join (
  select purchase_id, sum(quantity * unit_price) as subtotal, sum(discount) as discount, sum(tax) as tax,
    sum(quantity) as items, bool_and(total = quantity * unit_price - discount) as sound
  from purchase_line group by purchase_id
) l on l.purchase_id = p.id
where l.sound is not true
  or (p.subtotal, p.discount, p.tax, p.items_count, p.total)
    <> (l.subtotal, l.discount, l.tax, l.items, l.subtotal - l.discount + l.tax + p.shipping)
