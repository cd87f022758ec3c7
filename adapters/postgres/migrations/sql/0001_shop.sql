CREATE TABLE account (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    username TEXT,
    password_hash TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    phone_number TEXT NOT NULL,
    preferred_language TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    is_active BOOLEAN NOT NULL,
    email_verified BOOLEAN NOT NULL,
    date_joined TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (id),
    CONSTRAINT uq_account_email UNIQUE (email),
    CONSTRAINT uq_account_username UNIQUE (username)
);

CREATE TABLE category (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    description TEXT NOT NULL,
    parent_id UUID,
    is_active BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_category PRIMARY KEY (id),
    CONSTRAINT uq_category_slug UNIQUE (slug),
    CONSTRAINT fk_category_parent_id_category FOREIGN KEY(parent_id) REFERENCES category (id)
);

CREATE INDEX ix_category_parent_id ON category (parent_id);

CREATE TABLE handled (
    event_id UUID NOT NULL,
    handler TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_handled PRIMARY KEY (event_id, handler)
);

CREATE TABLE movement (
    sku TEXT NOT NULL,
    number BIGINT NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    order_id UUID,
    note TEXT NOT NULL,
    CONSTRAINT pk_movement PRIMARY KEY (sku, number)
);

CREATE TABLE once (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    route TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status BIGINT NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_once PRIMARY KEY (actor, key)
);

CREATE INDEX ix_once_created_at ON once (created_at);

CREATE TABLE outbox (
    id UUID NOT NULL,
    type TEXT NOT NULL,
    aggregate TEXT NOT NULL,
    aggregate_id UUID NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    data JSONB NOT NULL,
    position BIGINT,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT uq_outbox_seq UNIQUE (aggregate_id, seq),
    CONSTRAINT uq_outbox_position UNIQUE (position)
);

CREATE INDEX ix_outbox_undispatched ON outbox (id) WHERE position IS NULL;

CREATE TABLE purchase (
    id UUID NOT NULL,
    number TEXT NOT NULL,
    user_id UUID,
    email TEXT NOT NULL,
    status TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    currency TEXT NOT NULL,
    subtotal BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    shipping BIGINT NOT NULL,
    total BIGINT NOT NULL,
    items_count BIGINT NOT NULL,
    placement JSONB NOT NULL,
    timeline JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    paid_at TIMESTAMP WITH TIME ZONE,
    shipped_at TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_purchase PRIMARY KEY (id),
    CONSTRAINT uq_purchase_number UNIQUE (number)
);

CREATE INDEX ix_purchase_created ON purchase (created_at DESC, id DESC);

CREATE INDEX ix_purchase_unpaid ON purchase (expires_at) WHERE status = 'pending';

CREATE INDEX ix_purchase_user ON purchase (user_id, created_at DESC, id DESC);

CREATE TABLE stock (
    sku TEXT NOT NULL,
    on_hand BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    backorder_limit BIGINT NOT NULL,
    low_stock_threshold BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_stock PRIMARY KEY (sku),
    CONSTRAINT ck_stock_on_hand CHECK (on_hand >= 0),
    CONSTRAINT ck_stock_reserved CHECK (reserved BETWEEN 0 AND on_hand + backorder_limit)
);

CREATE TABLE cart (
    id UUID NOT NULL,
    user_id UUID,
    items JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_cart PRIMARY KEY (id),
    CONSTRAINT uq_cart_user_id UNIQUE (user_id),
    CONSTRAINT fk_cart_user_id_account FOREIGN KEY(user_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE TABLE delivery (
    event_id UUID NOT NULL,
    handler TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts BIGINT NOT NULL,
    done_at TIMESTAMP WITH TIME ZONE,
    dead_at TIMESTAMP WITH TIME ZONE,
    error TEXT,
    CONSTRAINT pk_delivery PRIMARY KEY (event_id, handler),
    CONSTRAINT fk_delivery_event_id_outbox FOREIGN KEY(event_id) REFERENCES outbox (id) ON DELETE CASCADE
);

CREATE INDEX ix_delivery_due ON delivery (handler, due_at) WHERE done_at IS NULL AND dead_at IS NULL;

CREATE TABLE payment (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    order_number TEXT NOT NULL,
    user_id UUID,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    intent TEXT NOT NULL,
    state TEXT NOT NULL,
    captured BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    failure_code TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    paid_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_payment PRIMARY KEY (id),
    CONSTRAINT ck_payment_refunded CHECK (refunded BETWEEN 0 AND captured),
    CONSTRAINT ck_payment_captured CHECK (captured BETWEEN 0 AND amount),
    CONSTRAINT fk_payment_order_id_purchase FOREIGN KEY(order_id) REFERENCES purchase (id),
    CONSTRAINT uq_payment_intent UNIQUE (intent)
);

CREATE INDEX ix_payment_order ON payment (order_id);

CREATE INDEX ix_payment_open ON payment (created_at) WHERE state IN ('pending', 'processing', 'failed');

CREATE INDEX ix_payment_user ON payment (user_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX uq_payment_order ON payment (order_id) WHERE state <> 'cancelled';

CREATE TABLE product (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL,
    sku TEXT NOT NULL,
    description TEXT NOT NULL,
    price BIGINT NOT NULL,
    compare_at_price BIGINT,
    cost_per_item BIGINT,
    currency TEXT NOT NULL,
    category_id UUID,
    tags TEXT[] NOT NULL,
    is_active BOOLEAN NOT NULL,
    is_featured BOOLEAN NOT NULL,
    track_inventory BOOLEAN NOT NULL,
    low_stock_threshold BIGINT NOT NULL,
    meta_title TEXT NOT NULL,
    meta_description TEXT NOT NULL,
    images JSONB NOT NULL,
    primary_image TEXT,
    variants_count BIGINT NOT NULL,
    rating_average FLOAT(53),
    rating_count BIGINT NOT NULL,
    popularity BIGINT DEFAULT '0' NOT NULL,
    archived_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT pk_product PRIMARY KEY (id),
    CONSTRAINT ck_product_price CHECK (price >= 0),
    CONSTRAINT uq_product_slug UNIQUE (slug),
    CONSTRAINT fk_product_category_id_category FOREIGN KEY(category_id) REFERENCES category (id)
);

CREATE INDEX ix_product_category ON product (category_id, created_at DESC, id DESC) WHERE is_active;

CREATE INDEX ix_product_created ON product (created_at DESC, id DESC) WHERE is_active;

CREATE INDEX ix_product_featured ON product (created_at DESC) WHERE is_active AND is_featured;

CREATE INDEX ix_product_name ON product (name, id) WHERE is_active;

CREATE INDEX ix_product_popularity ON product (popularity, id) WHERE is_active;

CREATE INDEX ix_product_price ON product (price, id) WHERE is_active;

CREATE INDEX ix_product_tags ON product USING gin (tags);

CREATE TABLE purchase_line (
    id UUID NOT NULL,
    purchase_id UUID NOT NULL,
    position BIGINT NOT NULL,
    product_id UUID NOT NULL,
    variant_id UUID,
    product_name TEXT NOT NULL,
    variant_name TEXT NOT NULL,
    sku TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    total BIGINT NOT NULL,
    tracked BOOLEAN NOT NULL,
    CONSTRAINT pk_purchase_line PRIMARY KEY (id),
    CONSTRAINT ck_purchase_line_quantity CHECK (quantity > 0),
    CONSTRAINT fk_purchase_line_purchase_id_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id)
);

CREATE INDEX ix_purchase_line_product ON purchase_line (product_id);

CREATE INDEX ix_purchase_line_purchase ON purchase_line (purchase_id, position);

CREATE TABLE session (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_session PRIMARY KEY (id),
    CONSTRAINT fk_session_user_id_account FOREIGN KEY(user_id) REFERENCES account (id) ON DELETE CASCADE
);

CREATE INDEX ix_session_user_id ON session (user_id);

CREATE TABLE refresh_token (
    digest BYTEA NOT NULL,
    session_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    successor BYTEA,
    sealed_successor BYTEA,
    CONSTRAINT pk_refresh_token PRIMARY KEY (digest),
    CONSTRAINT fk_refresh_token_session_id_session FOREIGN KEY(session_id) REFERENCES session (id) ON DELETE CASCADE
);

CREATE INDEX ix_refresh_token_session_id ON refresh_token (session_id);

CREATE TABLE sku (
    sku TEXT NOT NULL,
    product_id UUID NOT NULL,
    CONSTRAINT pk_sku PRIMARY KEY (sku),
    CONSTRAINT fk_sku_product_id_product FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE
);

CREATE INDEX ix_sku_product_id ON sku (product_id);

CREATE TABLE variant (
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    position BIGINT NOT NULL,
    name TEXT NOT NULL,
    sku TEXT NOT NULL,
    price BIGINT,
    compare_at_price BIGINT,
    attributes JSONB NOT NULL,
    is_active BOOLEAN NOT NULL,
    CONSTRAINT pk_variant PRIMARY KEY (id),
    CONSTRAINT fk_variant_product_id_product FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE
);

CREATE INDEX ix_variant_product ON variant (product_id, position);

CREATE SCHEMA sandbox;

CREATE TABLE sandbox.intent (
    id TEXT PRIMARY KEY,
    client_secret TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    order_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    state TEXT NOT NULL,
    captured BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    failure_code TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    CHECK (refunded BETWEEN 0 AND captured)
);

CREATE TABLE sandbox.refund (
    key TEXT PRIMARY KEY,
    intent TEXT NOT NULL REFERENCES sandbox.intent (id),
    amount BIGINT NOT NULL
)
