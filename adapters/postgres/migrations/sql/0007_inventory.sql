ALTER TABLE movement ADD COLUMN actor_id UUID;

CREATE TABLE low_stock (
    sku TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    event_id UUID NOT NULL,
    CONSTRAINT pk_low_stock PRIMARY KEY (sku)
)
