"""Transfers: imports and exports that were asked for, and their files."""

from importlib.resources import files

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for statement in (
        files("adapters.postgres.migrations").joinpath("sql", "0003_transfers.sql").read_text().split(";\n")
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE transfer_chunk")
    op.execute("DROP TABLE transfer")
