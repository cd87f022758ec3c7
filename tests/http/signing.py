"""Access tokens for whomever a test needs."""

import secrets
from datetime import UTC, datetime, timedelta

from dishka import AsyncContainer

from application.ports import AccessTokens, Store
from domain.accounts import User
from domain.sessions import RefreshToken, Session
from tests.builders import new_id


async def a_token(container: AsyncContainer, user: User) -> str:
    """Of a session that was really begun; a user who is new is saved before."""
    now = datetime.now(UTC)
    session = Session(id=new_id(), user=user.id, expires_at=now + timedelta(days=7))
    token = RefreshToken(digest=secrets.token_bytes(32), session=session.id, created_at=now)
    async with (await container.get(Store)).transaction() as tx:
        if not user.version:
            await tx.users.save(user)
        await tx.sessions.start(session, token)
    issued: str = (await container.get(AccessTokens)).issue(user, session.id)
    return issued
