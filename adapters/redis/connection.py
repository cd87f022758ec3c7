"""One way to reach Redis: nothing waits for it long, and a connection that went stale is tried once more."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_WITHIN = 2.0  # seconds
ANSWER_WITHIN = 5.0


def connect(url: str) -> Redis:
    """A client with a pool of its own; it connects when it is first used."""
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_WITHIN,
        socket_timeout=ANSWER_WITHIN,
        retry=Retry(NoBackoff(), 1),
    )
