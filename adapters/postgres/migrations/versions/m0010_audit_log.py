"""Who did what an event tells of, and the audit log, which can only grow."""

from importlib.resources import files

from alembic import op

revision = "0010"
down_revision = "0009"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0010_audit_log.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE audit_log")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP INDEX ix_outbox_audited")
    op.execute("ALTER TABLE outbox DROP COLUMN audited, DROP COLUMN request_id, DROP COLUMN actor")
