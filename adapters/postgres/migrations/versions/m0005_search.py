"""Search: documents that follow the catalogue by triggers, the words in them, and what was looked for in vain."""

from importlib.resources import files

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _run("0005_search.sql")


def downgrade() -> None:
    """Extensions stay: they may have been there before, and an administrator's."""
    _run("0005_search_undone.sql")


def _run(name: str) -> None:
    """Statements are parted by an empty line: the bodies of functions have semicolons of their own."""
    for statement in files("adapters.postgres.migrations").joinpath("sql", name).read_text().split("\n\n"):
        op.execute(statement)
