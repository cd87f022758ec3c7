"""What lists need: availability kept beside the product, and an index for every filter and ordering."""

from importlib.resources import files

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _run("0004_listing.sql")


def downgrade() -> None:
    _run("0004_listing_undone.sql")


def _run(name: str) -> None:
    """Statements are parted by an empty line: the bodies of functions have semicolons of their own."""
    for statement in files("adapters.postgres.migrations").joinpath("sql", name).read_text().split("\n\n"):
        op.execute(statement)
