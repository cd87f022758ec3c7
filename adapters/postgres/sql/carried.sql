-- A part of statements: the coupon of the cart `c`, what `$customer` has used of it, and of each `article` the
-- category with all above, where that matters.
select json_build_object(
    'coupon', /*coupon*/,
    'uses', (select json_agg(u.n) from coupon_use u where u.coupon_id = k.id and u.customer = $customer),
    'families', (
        with recursive above(product, category) as (
            select p.id, p.category_id from article a join product p on p.id = a.product
            where p.category_id is not null and k.categories <> '{}'
            union
            select above.product, g.parent_id from above join category g on g.id = above.category
            where g.parent_id is not null
        )
        select json_object_agg(f.product, f.categories)
        from (select product, json_agg(category) as categories from above group by product) f
    )
)
from coupon k where k.id = c.coupon_id
