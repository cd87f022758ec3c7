with told as materialized (
  select o.key, (convert_from(o.body, 'UTF8')::json ->> 'id')::uuid as id from once o where o.status = 201 and o.route like '%/checkout'
)
select t.key, format('an answer tells of the order %s', t.id)
from told t where not exists (select from purchase p where p.id = t.id)
