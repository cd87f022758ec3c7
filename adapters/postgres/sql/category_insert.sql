insert into category (id, name, slug, description, parent_id, is_active, version)
select id, name, slug, description, parent_id, is_active, version from jsonb_populate_recordset(null::category, $1)
