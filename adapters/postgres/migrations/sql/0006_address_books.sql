CREATE TABLE address (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    type TEXT NOT NULL,
    full_name TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    address_line1 TEXT NOT NULL,
    address_line2 TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    country TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_address PRIMARY KEY (id),
    CONSTRAINT fk_address_user_id_account FOREIGN KEY(user_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_address_user ON address (user_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX uq_address_shipping ON address (user_id) WHERE is_default AND type IN ('shipping', 'both');

CREATE UNIQUE INDEX uq_address_billing ON address (user_id) WHERE is_default AND type IN ('billing', 'both');

CREATE TABLE link (
    digest BYTEA NOT NULL,
    user_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_link PRIMARY KEY (digest),
    CONSTRAINT fk_link_user_id_account FOREIGN KEY(user_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_link_user_id ON link (user_id);

CREATE INDEX ix_link_expires_at ON link (expires_at)
