CREATE TABLE coupon (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    value BIGINT NOT NULL,
    currency TEXT NOT NULL,
    min_subtotal BIGINT,
    starts_at TIMESTAMP WITH TIME ZONE,
    ends_at TIMESTAMP WITH TIME ZONE,
    usage_limit BIGINT,
    per_customer_limit BIGINT,
    categories UUID[] NOT NULL,
    products UUID[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    used BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_coupon PRIMARY KEY (id),
    CONSTRAINT ck_coupon_used CHECK (used >= 0 AND (usage_limit IS NULL OR used <= usage_limit))
);
CREATE UNIQUE INDEX uq_coupon_code ON coupon (code) WHERE archived_at IS NULL;
CREATE INDEX ix_coupon_created ON coupon (created_at DESC, id DESC);
CREATE TABLE coupon_use (
    purchase_id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    customer TEXT NOT NULL,
    n BIGINT NOT NULL,
    CONSTRAINT pk_coupon_use PRIMARY KEY (purchase_id),
    CONSTRAINT uq_coupon_use_customer UNIQUE (coupon_id, customer, n),
    CONSTRAINT fk_coupon_use_purchase_id_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id),
    CONSTRAINT fk_coupon_use_coupon_id_coupon FOREIGN KEY(coupon_id) REFERENCES coupon (id),
    CONSTRAINT ck_coupon_use_n CHECK (n > 0)
);
ALTER TABLE cart ADD COLUMN coupon_id UUID;
ALTER TABLE cart ADD CONSTRAINT fk_cart_coupon_id_coupon FOREIGN KEY(coupon_id) REFERENCES coupon (id)
