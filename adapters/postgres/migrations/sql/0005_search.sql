CREATE EXTENSION IF NOT EXISTS pg_trgm

CREATE EXTENSION IF NOT EXISTS unaccent

CREATE EXTENSION IF NOT EXISTS fuzzystrmatch

CREATE TABLE search_document (
    product_id UUID NOT NULL,
    name TEXT NOT NULL,
    name_words BIGINT NOT NULL,
    skus TEXT[] NOT NULL,
    words TSVECTOR NOT NULL,
    listed TEXT NOT NULL,
    category_id UUID,
    price BIGINT NOT NULL,
    tags TEXT[] NOT NULL,
    attributes JSONB NOT NULL,
    is_active BOOLEAN NOT NULL,
    is_featured BOOLEAN NOT NULL,
    is_on_sale BOOLEAN NOT NULL,
    in_stock BOOLEAN NOT NULL,
    CONSTRAINT pk_search_document PRIMARY KEY (product_id),
    CONSTRAINT fk_search_document_product_id_product FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE
)

-- No list of pending entries: a search after a large import would read all of it.
CREATE INDEX ix_search_document_words ON search_document USING gin (words) WITH (fastupdate = off)

CREATE INDEX ix_search_document_listed ON search_document USING gin (listed gin_trgm_ops)

CREATE INDEX ix_search_document_name ON search_document (name text_pattern_ops) WHERE is_active

CREATE TABLE search_word (
    word TEXT NOT NULL,
    shown TEXT NOT NULL,
    CONSTRAINT pk_search_word PRIMARY KEY (word)
)

CREATE INDEX ix_search_word_word ON search_word USING gin (word gin_trgm_ops)

CREATE INDEX ix_search_word_length ON search_word (length(word))

CREATE TABLE search_miss (
    words TEXT NOT NULL,
    count BIGINT NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_search_miss PRIMARY KEY (words)
)

CREATE INDEX ix_search_miss_last_seen ON search_miss (last_seen)

-- Words without accents, cases and signs, parted by one space, as application/search/words.py folds them.
CREATE FUNCTION folded(told text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(regexp_replace(unaccent(lower(normalize(told, NFKC))), '[''’]', '', 'g'), '(\W|_)+', ' ', 'g'))
$$

-- The other way to write without accents: Küche is kuche and kueche.
CREATE FUNCTION respelt(told text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told ~* '[äöüøå]' THEN folded(
        replace(replace(replace(replace(replace(lower(normalize(told, NFC)), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ø', 'oe'), 'å', 'aa'))
    ELSE '' END
$$

CREATE FUNCTION lexemes(told text) RETURNS tsvector LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('simple', spelt) || to_tsvector('english', spelt)
    FROM concat_ws(' ', folded(told), respelt(told)) AS spelt
$$

CREATE FUNCTION category_names(wanted uuid) RETURNS text LANGUAGE sql STABLE AS $$
    WITH RECURSIVE path AS (
        SELECT name, parent_id, 1 AS depth FROM category WHERE id = wanted
        UNION ALL
        SELECT c.name, c.parent_id, depth + 1 FROM category c JOIN path ON c.id = path.parent_id WHERE depth < 100
    )
    SELECT coalesce(string_agg(name, ' '), '') FROM path
$$

CREATE FUNCTION variant_words(wanted uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(DISTINCT value, ' '), '')
    FROM variant v, jsonb_each_text(v.attributes) WHERE v.product_id = wanted AND v.is_active
$$

-- All that a product is found by: A its name, B tags and categories, C SKUs and what its variants are, D its description.
CREATE FUNCTION words_of(p product) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT setweight(lexemes(p.name), 'A')
        || setweight(lexemes(array_to_string(p.tags, ' ') || ' ' || category_names(p.category_id)), 'B')
        || setweight(lexemes(
            (SELECT coalesce(string_agg(k.sku, ' '), '') FROM sku k WHERE k.product_id = p.id) || ' ' || variant_words(p.id)), 'C')
        || setweight(to_tsvector('english', folded(regexp_replace(left(p.description, 50000), '<[^>]*>|&[a-z]+;', ' ', 'g'))), 'D')
$$

-- Says of these products what the catalogue says now. The names of their categories stay as they are until it commits.
CREATE FUNCTION document_products(wanted uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(wanted) = 0 THEN
        RETURN;
    END IF;
    PERFORM FROM category WHERE id = ANY (category_paths(wanted)) ORDER BY id FOR SHARE;
    INSERT INTO search_document AS d (
        product_id, name, name_words, skus, words, listed, category_id, price, tags, attributes,
        is_active, is_featured, is_on_sale, in_stock)
    SELECT
        p.id, folded(p.name), cardinality(string_to_array(folded(p.name), ' ')), k.skus, words_of(p),
        lower(concat_ws(E'\n', p.name, array_to_string(k.skus, E'\n'), array_to_string(p.tags, E'\n'))), p.category_id, p.price, p.tags,
        (SELECT coalesce(jsonb_agg(DISTINCT v.attributes), '[]') FROM variant v
            WHERE v.product_id = p.id AND v.is_active AND v.attributes <> '{}'),
        p.is_active, p.is_featured, coalesce(p.compare_at_price > p.price, false), p.in_stock
    FROM product p, LATERAL (SELECT ARRAY(SELECT lower(sku) FROM sku WHERE product_id = p.id ORDER BY sku) AS skus) k
    WHERE p.id = ANY (wanted)
    ORDER BY p.id
    ON CONFLICT (product_id) DO UPDATE
    SET (name, name_words, skus, words, listed, category_id, price, tags, attributes, is_active, is_featured, is_on_sale, in_stock) = (
        excluded.name, excluded.name_words, excluded.skus, excluded.words, excluded.listed, excluded.category_id, excluded.price,
        excluded.tags, excluded.attributes, excluded.is_active, excluded.is_featured, excluded.is_on_sale, excluded.in_stock)
    WHERE d IS DISTINCT FROM excluded;
    INSERT INTO search_word (word, shown)
    SELECT DISTINCT ON (word) word, shown
    FROM (
        SELECT DISTINCT regexp_split_to_table(lower(normalize(concat_ws(' ',
            p.name, array_to_string(p.tags, ' '), variant_words(p.id), category_names(p.category_id)), NFC)), '(\W|_)+') AS shown
        FROM product p WHERE p.id = ANY (wanted)
    ) told, folded(shown) AS word
    WHERE length(word) BETWEEN 3 AND 40 AND word !~ '[0-9 ]'
        AND NOT EXISTS (SELECT FROM search_word known WHERE known.word = folded(told.shown))
    ORDER BY word, shown
    ON CONFLICT DO NOTHING;
END $$

CREATE FUNCTION category_paths(wanted uuid[]) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE path AS (
        SELECT category_id AS id FROM product WHERE id = ANY (wanted) AND category_id IS NOT NULL
        UNION
        SELECT c.parent_id FROM category c JOIN path ON c.id = path.id WHERE c.parent_id IS NOT NULL
    )
    SELECT coalesce(array_agg(id), '{}') FROM path
$$

CREATE FUNCTION document_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM document_products(ARRAY(SELECT DISTINCT product_id FROM changed));
    RETURN NULL;
END $$

-- SKUs of variants come with the variants, in the same statement.
CREATE FUNCTION document_new_skus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM document_products(ARRAY(
        SELECT p.id FROM changed c JOIN product p ON p.id = c.product_id AND p.sku = c.sku
        WHERE NOT EXISTS (SELECT FROM variant v JOIN changed o ON o.sku = v.sku WHERE v.product_id = p.id)));
    RETURN NULL;
END $$

CREATE FUNCTION document_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM document_products(ARRAY[new.id]);
    RETURN NULL;
END $$

CREATE FUNCTION document_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE search_document SET in_stock = new.in_stock WHERE product_id = new.id;
    RETURN NULL;
END $$

-- Words alone: whoever changes anything else of these products holds the product, not the category.
CREATE FUNCTION document_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH RECURSIVE below AS (
        SELECT new.id AS id
        UNION
        SELECT c.id FROM category c JOIN below ON c.parent_id = below.id
    )
    UPDATE search_document d SET words = words_of(p)
    FROM product p WHERE p.id = d.product_id AND p.category_id IN (SELECT id FROM below);
    INSERT INTO search_word (word, shown)
    SELECT DISTINCT ON (word) word, shown
    FROM regexp_split_to_table(lower(normalize(new.name, NFC)), '(\W|_)+') AS shown, folded(shown) AS word
    WHERE length(word) BETWEEN 3 AND 40 AND word !~ '[0-9 ]'
    ORDER BY word, shown
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$

-- A new product always brings a SKU, so that its insert alone needs no trigger.
CREATE TRIGGER document_sku_became AFTER INSERT ON sku REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_new_skus()

CREATE TRIGGER document_sku_went AFTER DELETE ON sku REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_parts()

CREATE TRIGGER document_variant_became AFTER INSERT ON variant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_parts()

CREATE TRIGGER document_variant_turned AFTER UPDATE ON variant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_parts()

CREATE TRIGGER document_variant_went AFTER DELETE ON variant REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION document_parts()

CREATE TRIGGER document_product AFTER UPDATE ON product FOR EACH ROW
    WHEN ((old.name, old.description, old.price, old.compare_at_price, old.category_id, old.tags, old.is_active, old.is_featured)
        IS DISTINCT FROM
        (new.name, new.description, new.price, new.compare_at_price, new.category_id, new.tags, new.is_active, new.is_featured))
    EXECUTE FUNCTION document_product()

CREATE TRIGGER document_stock AFTER UPDATE ON product FOR EACH ROW
    WHEN (old.in_stock <> new.in_stock)
    EXECUTE FUNCTION document_stock()

CREATE TRIGGER document_category AFTER UPDATE ON category FOR EACH ROW
    WHEN ((old.name, old.parent_id) IS DISTINCT FROM (new.name, new.parent_id))
    EXECUTE FUNCTION document_category()

SELECT document_products(ARRAY(SELECT id FROM product))
