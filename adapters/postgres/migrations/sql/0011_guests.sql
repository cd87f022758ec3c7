ALTER TABLE cart ADD COLUMN guest bytea;
ALTER TABLE cart ADD CONSTRAINT uq_cart_guest UNIQUE (guest);
ALTER TABLE cart ADD CONSTRAINT ck_cart_owner CHECK (num_nonnulls(user_id, guest) = 1);
CREATE INDEX ix_cart_guest_updated ON cart (updated_at) WHERE guest IS NOT NULL
