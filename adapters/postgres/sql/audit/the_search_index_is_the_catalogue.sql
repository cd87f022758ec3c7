with told as (
  select p.id, p.slug, folded(p.name) as name, k.skus, words_of(p) as words,
    lower(concat_ws(E'\n', p.name, array_to_string(k.skus, E'\n'), array_to_string(p.tags, E'\n'))) as listed,
    (select coalesce(jsonb_agg(distinct v.attributes), '[]') from variant v
      where v.product_id = p.id and v.is_active and v.attributes <> '{}') as attributes,
    (p.category_id, p.price, p.tags, p.is_active, p.is_featured, coalesce(p.compare_at_price > p.price, false), p.in_stock) as facts
  from product p cross join lateral (select array(select lower(sku) from sku where product_id = p.id order by sku) as skus) k
), found as (
  select t.id, t.slug, concat_ws(', ', case when d.product_id is null then 'is not in it' end,
    case when d.name <> t.name or d.listed <> t.listed then 'name' end, case when d.skus <> t.skus then 'SKUs' end,
    case when d.words <> t.words then 'words' end, case when d.attributes <> t.attributes then 'attributes' end,
    case when (d.category_id, d.price, d.tags, d.is_active, d.is_featured, d.is_on_sale, d.in_stock) is distinct from t.facts
      then 'what it is listed by' end) as differs
  from told t left join search_document d on d.product_id = t.id
)
select slug, differs from found where differs <> ''
