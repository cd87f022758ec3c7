"""What the sandbox shows to browsers is sealed, by the worker what is there; indexes to find that, and old sessions."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE sandbox.intent ALTER COLUMN client_secret TYPE BYTEA USING convert_to(client_secret, 'UTF8')
    """)
    op.execute("CREATE INDEX ix_once_sealed ON once (actor, key) WHERE substring(body, 1, 1) = '\\x01'::bytea")
    op.execute("CREATE INDEX ix_session_expires_at ON session (expires_at)")


def downgrade() -> None:
    """What is sealed stays unreadable."""
    op.execute("DROP INDEX ix_session_expires_at")
    op.execute("DROP INDEX ix_once_sealed")
    op.execute("""
        ALTER TABLE sandbox.intent ALTER COLUMN client_secret TYPE TEXT
        USING CASE WHEN get_byte(client_secret, 0) = 1 THEN '' ELSE convert_from(client_secret, 'UTF8') END
    """)
