"""Since when access tokens count, and API keys."""

from importlib.resources import files

from alembic import op

revision = "0008"
down_revision = "0007"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0008_access.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE api_key")
    op.execute("DROP INDEX ix_session_revoked_at")
    op.execute("DROP INDEX ix_account_access_changed_at")
    op.execute("ALTER TABLE account DROP COLUMN access_changed_at")
    op.execute("ALTER TABLE account DROP COLUMN access_version")
