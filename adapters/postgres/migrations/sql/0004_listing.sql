ALTER TABLE product ADD COLUMN in_stock BOOLEAN DEFAULT false NOT NULL

ALTER TABLE product ADD COLUMN facets TEXT[] DEFAULT '{}' NOT NULL

UPDATE product SET facets = ARRAY(
    SELECT 'category ' || category_id WHERE category_id IS NOT NULL
    UNION SELECT 'tag ' || tag FROM unnest(tags) AS tag
    UNION SELECT 'attribute ' || one.key || chr(31) || one.value
    FROM variant, jsonb_each_text(attributes) AS one WHERE product_id = product.id AND variant.is_active)

-- What lists call in stock: not counted, or to be had of one SKU at least. It agrees with available > 0 of the list's item.
CREATE FUNCTION is_in_stock(wanted product) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT NOT wanted.track_inventory OR EXISTS (
        SELECT FROM stock s
        WHERE s.on_hand + s.backorder_limit > s.reserved AND s.sku = ANY (
            CASE WHEN wanted.variants_count = 0 THEN ARRAY[wanted.sku]
            ELSE ARRAY(SELECT v.sku FROM variant v WHERE v.product_id = wanted.id AND v.is_active) END))
$$

-- Locked first: the UPDATE then sees what those committed who looked at the same product before.
CREATE FUNCTION refresh_in_stock(wanted uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM product WHERE id = ANY (wanted) ORDER BY id FOR NO KEY UPDATE;
    UPDATE product SET in_stock = NOT in_stock WHERE id = ANY (wanted) AND in_stock <> is_in_stock(product);
END $$

CREATE FUNCTION product_became() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_in_stock(ARRAY(SELECT id FROM fresh));
    RETURN NULL;
END $$

CREATE FUNCTION product_turned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_in_stock(ARRAY[new.id]);
    RETURN NULL;
END $$

CREATE FUNCTION variant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_in_stock(ARRAY(SELECT DISTINCT product_id FROM changed));
    RETURN NULL;
END $$

CREATE FUNCTION stock_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_in_stock(ARRAY(SELECT DISTINCT k.product_id FROM changed JOIN sku k USING (sku)));
    RETURN NULL;
END $$

CREATE FUNCTION stock_crossed_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_in_stock(ARRAY(SELECT product_id FROM sku WHERE sku = new.sku));
    RETURN NULL;
END $$

CREATE TRIGGER product_became AFTER INSERT ON product REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION product_became()

CREATE TRIGGER product_turned AFTER UPDATE ON product FOR EACH ROW
    WHEN ((old.sku, old.track_inventory, old.variants_count) IS DISTINCT FROM (new.sku, new.track_inventory, new.variants_count))
    EXECUTE FUNCTION product_turned()

CREATE TRIGGER variant_became AFTER INSERT ON variant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION variant_changed()

CREATE TRIGGER variant_turned AFTER UPDATE ON variant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION variant_changed()

CREATE TRIGGER variant_went AFTER DELETE ON variant REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION variant_changed()

CREATE TRIGGER stock_became AFTER INSERT ON stock REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION stock_changed()

CREATE TRIGGER stock_went AFTER DELETE ON stock REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION stock_changed()

-- A sale costs nothing more as long as some are left before and after it.
CREATE TRIGGER stock_crossed_zero AFTER UPDATE ON stock FOR EACH ROW
    WHEN ((old.on_hand + old.backorder_limit > old.reserved) <> (new.on_hand + new.backorder_limit > new.reserved))
    EXECUTE FUNCTION stock_crossed_zero()

UPDATE product SET in_stock = true WHERE is_in_stock(product)

DROP INDEX ix_product_created

DROP INDEX ix_product_price

DROP INDEX ix_product_name

DROP INDEX ix_product_popularity

DROP INDEX ix_product_category

CREATE INDEX ix_product_created ON product (is_active, created_at, id)

CREATE INDEX ix_product_price ON product (is_active, price, id)

CREATE INDEX ix_product_name ON product (is_active, name, id)

CREATE INDEX ix_product_popularity ON product (is_active, popularity, id)

CREATE INDEX ix_product_category_created ON product (category_id, is_active, created_at, id)

CREATE INDEX ix_product_category_price ON product (category_id, is_active, price, id)

CREATE INDEX ix_product_category_name ON product (category_id, is_active, name, id)

CREATE INDEX ix_product_category_popularity ON product (category_id, is_active, popularity, id)

CREATE INDEX ix_product_on_sale ON product (is_active, created_at, id) WHERE compare_at_price > price

CREATE INDEX ix_product_sold_out ON product (is_active, created_at, id) WHERE NOT in_stock

DROP INDEX ix_product_tags

CREATE INDEX ix_product_facets ON product USING gin (facets)
