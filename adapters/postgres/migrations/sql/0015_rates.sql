CREATE TABLE rate_book (
    id UUID NOT NULL,
    rates JSONB NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_rate_book PRIMARY KEY (id)
);

INSERT INTO rate_book (id, rates, version) VALUES ('00000000-0000-7000-8000-000000000001', '{}', 0);

ALTER TABLE product
    ADD COLUMN weight BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN tax_class TEXT DEFAULT 'standard' NOT NULL;

ALTER TABLE variant ADD COLUMN weight BIGINT;

ALTER TABLE purchase_line ADD COLUMN tax_rate NUMERIC
