-- The entries of one address book; those that are as they were cost no write.
insert into address (id, user_id, type, is_default, created_at, full_name, address_line1, city, postal_code, country,
    address_line2, state, phone_number)
select id, $1, type, is_default, created_at, full_name, address_line1, city, postal_code, country, address_line2, state,
    phone_number
from unnest($2::uuid[], $3::text[], $4::bool[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::text[])
    as entry (id, type, is_default, created_at, full_name, address_line1, city, postal_code, country, address_line2,
        state, phone_number)
on conflict (id) do update set
    type = excluded.type, is_default = excluded.is_default, full_name = excluded.full_name,
    address_line1 = excluded.address_line1, city = excluded.city, postal_code = excluded.postal_code,
    country = excluded.country, address_line2 = excluded.address_line2, state = excluded.state,
    phone_number = excluded.phone_number
where address.* is distinct from excluded.*
