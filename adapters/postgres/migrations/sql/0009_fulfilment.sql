ALTER TABLE purchase ADD COLUMN shipments JSONB DEFAULT '[]' NOT NULL;

CREATE TABLE refund (
    id UUID NOT NULL,
    purchase_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    items JSONB NOT NULL,
    restock BOOLEAN NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT pk_refund PRIMARY KEY (id),
    CONSTRAINT ck_refund_amount CHECK (amount >= 0),
    CONSTRAINT fk_refund_purchase_id_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id)
);

CREATE INDEX ix_refund_purchase ON refund (purchase_id)
