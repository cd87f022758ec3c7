with mine as materialized (
  select c.id
  from category c join unnest($2::uuid[], $3::bigint[]) as read (id, version) on c.id = read.id and c.version = read.version
  order by c.id
  for no key update of c
)
update category c
set name = g.name, slug = g.slug, description = g.description, parent_id = g.parent_id, is_active = g.is_active, version = g.version
from jsonb_populate_recordset(null::category, $1) g
where c.id = g.id and c.id in (select id from mine)
