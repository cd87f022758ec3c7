DROP TRIGGER document_category ON category

DROP TRIGGER document_stock ON product

DROP TRIGGER document_product ON product

DROP TRIGGER document_variant_went ON variant

DROP TRIGGER document_variant_turned ON variant

DROP TRIGGER document_variant_became ON variant

DROP TRIGGER document_sku_went ON sku

DROP TRIGGER document_sku_became ON sku

DROP FUNCTION document_category

DROP FUNCTION document_stock

DROP FUNCTION document_product

DROP FUNCTION document_new_skus

DROP FUNCTION document_parts

DROP FUNCTION document_products

DROP FUNCTION category_paths

DROP FUNCTION words_of

DROP FUNCTION variant_words

DROP FUNCTION category_names

DROP FUNCTION lexemes

DROP FUNCTION respelt

DROP FUNCTION folded

DROP TABLE search_miss

DROP TABLE search_word

DROP TABLE search_document
