-- The order's use counts no more. The coupon is locked first, as checkout does.
with k as materialized (
    select k.id from coupon k join coupon_use u on u.coupon_id = k.id where u.purchase_id = $1 for no key update of k
),
gone as (
    delete from coupon_use where purchase_id = $1 and exists (select from k) returning coupon_id
)
update coupon set used = used - 1 from gone where coupon.id = gone.coupon_id
