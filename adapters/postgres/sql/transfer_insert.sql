insert into transfer (id, kind, file_name, encoding, dry_run, restock, requested_by, created_at, status, attempts, due_at,
    done, total, counts, errors, notes, failure, started_at, finished_at, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
