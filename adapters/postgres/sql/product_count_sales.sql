with sold as materialized (
  select p.id, new.pieces
  from product p join unnest($1::uuid[], $2::bigint[]) as new (id, pieces) on p.id = new.id
  order by p.id
  for no key update of p
)
update product p set popularity = p.popularity + sold.pieces from sold where p.id = sold.id
