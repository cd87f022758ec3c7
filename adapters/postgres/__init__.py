"""PostgreSQL: the store, its repositories and views, the outbox."""
