-- Those whose name begins so, by name; then those that have words that begin so, the best known of the first thousand.
with begun as materialized (
  select d.product_id, 0 as place, d.name
  from search_document d
  where d.is_active and d.name ~>=~ $1 and d.name ~<~ $2
  order by d.name using ~<~ limit $4
), within as materialized (
  select d.product_id, 1 as place, d.name
  from search_document d
  where $3 <> '' and d.is_active and d.words @@ (select $3::tsquery)
  limit 1000
)
select p.name, p.slug, p.primary_image
from (
  select product_id, min(place) as place, min(name) as name
  from (select * from begun union all select * from within) found
  group by product_id order by 2, length(min(name)), 3 limit $4
) best
join product p on p.id = best.product_id
order by best.place, length(best.name), best.name
