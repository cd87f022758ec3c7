with ended as (
    update once set lease_until = case when body is null then clock_timestamp() - interval '1 second' end
    where actor = $1 and key = $2 and fence = $3 and not (body is null and $4)
)
delete from once where actor = $1 and key = $2 and fence = $3 and body is null and $4
