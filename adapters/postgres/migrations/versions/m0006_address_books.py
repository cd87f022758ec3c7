"""Address books, and the links that are mailed to who has an account."""

from importlib.resources import files

from alembic import op

revision = "0006"
down_revision = "0005"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0006_address_books.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE address")
    op.execute("DROP TABLE link")
