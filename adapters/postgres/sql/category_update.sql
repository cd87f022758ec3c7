with mine as materialized (
  select c.id
  from category c join jsonb_populate_recordset(null::category, $1) g on c.id = g.id and c.version = g.version - 1
  order by c.id
  for no key update of c
)
update category c
set name = g.name, slug = g.slug, description = g.description, parent_id = g.parent_id, is_active = g.is_active, version = g.version
from jsonb_populate_recordset(null::category, $1) g
where c.id = g.id and c.id in (select id from mine)
