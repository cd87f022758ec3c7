ALTER TABLE outbox ADD COLUMN actor TEXT, ADD COLUMN request_id TEXT, ADD COLUMN audited BOOLEAN DEFAULT false NOT NULL;

CREATE INDEX ix_outbox_audited ON outbox (position) WHERE audited;

CREATE TABLE audit_log (
    number BIGINT NOT NULL,
    event_id UUID NOT NULL,
    position BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    before JSONB NOT NULL,
    after JSONB NOT NULL,
    request_id TEXT,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_log PRIMARY KEY (number),
    CONSTRAINT uq_audit_log_event_id UNIQUE (event_id)
);

CREATE INDEX ix_audit_log_actor ON audit_log (actor, number);

CREATE INDEX ix_audit_log_action ON audit_log (action, number);

CREATE INDEX ix_audit_log_object ON audit_log (object, number);

CREATE INDEX ix_audit_log_at ON audit_log (at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% can only grow', tg_table_name USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
