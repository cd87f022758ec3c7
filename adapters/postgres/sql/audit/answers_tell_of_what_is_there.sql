select o.key, format('an answer tells of the order %s', convert_from(o.body, 'UTF8')::jsonb ->> 'id')
from once o
where o.status = 201 and o.route like '%/checkout'
  and not exists (select from purchase p where p.id = (convert_from(o.body, 'UTF8')::jsonb ->> 'id')::uuid)
