DROP INDEX ix_product_facets

DROP INDEX ix_product_sold_out

DROP INDEX ix_product_on_sale

DROP INDEX ix_product_category_popularity

DROP INDEX ix_product_category_name

DROP INDEX ix_product_category_price

DROP INDEX ix_product_category_created

DROP INDEX ix_product_popularity

DROP INDEX ix_product_name

DROP INDEX ix_product_price

DROP INDEX ix_product_created

DROP TRIGGER stock_crossed_zero ON stock

DROP TRIGGER stock_went ON stock

DROP TRIGGER stock_became ON stock

DROP TRIGGER variant_went ON variant

DROP TRIGGER variant_turned ON variant

DROP TRIGGER variant_became ON variant

DROP TRIGGER product_turned ON product

DROP TRIGGER product_became ON product

DROP FUNCTION stock_crossed_zero

DROP FUNCTION stock_changed

DROP FUNCTION variant_changed

DROP FUNCTION product_turned

DROP FUNCTION product_became

DROP FUNCTION refresh_in_stock

DROP FUNCTION is_in_stock

ALTER TABLE product DROP COLUMN in_stock

ALTER TABLE product DROP COLUMN facets

CREATE INDEX ix_product_created ON product (created_at DESC, id DESC) WHERE is_active

CREATE INDEX ix_product_price ON product (price, id) WHERE is_active

CREATE INDEX ix_product_name ON product (name, id) WHERE is_active

CREATE INDEX ix_product_popularity ON product (popularity, id) WHERE is_active

CREATE INDEX ix_product_category ON product (category_id, created_at DESC, id DESC) WHERE is_active

CREATE INDEX ix_product_tags ON product USING gin (tags)
