"""What orders are charged beside their goods: the rate book, weights, tax classes, and rates of lines."""

from importlib.resources import files

from alembic import op

revision = "0015"
down_revision = "0014"

SQL = files("adapters.postgres.migrations").joinpath("sql", "0015_rates.sql")


def upgrade() -> None:
    for statement in SQL.read_text().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE purchase_line DROP COLUMN tax_rate")
    op.execute("ALTER TABLE variant DROP COLUMN weight")
    op.execute("ALTER TABLE product DROP COLUMN weight, DROP COLUMN tax_class")
    op.execute("DROP TABLE rate_book")
