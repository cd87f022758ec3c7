CREATE TABLE transfer (
	id UUID NOT NULL,
	kind TEXT NOT NULL,
	file_name TEXT NOT NULL,
	encoding TEXT NOT NULL,
	dry_run BOOLEAN NOT NULL,
	restock BOOLEAN NOT NULL,
	requested_by UUID,
	status TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	due_at TIMESTAMP WITH TIME ZONE NOT NULL,
	done BIGINT NOT NULL,
	total BIGINT NOT NULL,
	counts JSONB NOT NULL,
	errors JSONB NOT NULL,
	notes JSONB NOT NULL,
	failure JSONB,
	created_at TIMESTAMP WITH TIME ZONE NOT NULL,
	started_at TIMESTAMP WITH TIME ZONE,
	finished_at TIMESTAMP WITH TIME ZONE,
	version BIGINT NOT NULL,
	CONSTRAINT pk_transfer PRIMARY KEY (id)
);
CREATE INDEX ix_transfer_due ON transfer (kind, due_at) WHERE status IN ('queued', 'running');
CREATE INDEX ix_transfer_kind ON transfer (kind, created_at DESC, id DESC);
CREATE TABLE transfer_chunk (
	transfer_id UUID NOT NULL,
	attempt BIGINT NOT NULL,
	position BIGINT NOT NULL,
	data BYTEA NOT NULL,
	CONSTRAINT pk_transfer_chunk PRIMARY KEY (transfer_id, attempt, position),
	CONSTRAINT fk_transfer_chunk_transfer_id_transfer FOREIGN KEY(transfer_id) REFERENCES transfer (id) ON DELETE CASCADE
)
