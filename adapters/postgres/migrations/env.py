"""How Alembic runs our migrations: on the connection that `migrate.py` hands over."""

from alembic import context

from adapters.postgres.records import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=True,
    include_schemas=False,
)
with context.begin_transaction():
    context.run_migrations()
