ALTER TABLE account ADD COLUMN access_version BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE account ADD COLUMN access_changed_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_account_access_changed_at ON account (access_changed_at);

CREATE INDEX ix_session_revoked_at ON session (revoked_at);

CREATE TABLE api_key (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    digest BYTEA NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT pk_api_key PRIMARY KEY (id),
    CONSTRAINT uq_api_key_digest UNIQUE (digest)
);

CREATE INDEX ix_api_key_revoked_at ON api_key (revoked_at)
