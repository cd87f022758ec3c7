select slug, format('listed as in stock: %s', in_stock)
from product
where in_stock <> is_in_stock(product)
