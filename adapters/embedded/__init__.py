"""Our own PostgreSQL and Valkey under DATA_DIR: found, started, watched and stopped."""

from adapters.embedded.errors import EmbeddedServerError
from adapters.embedded.servers import Addresses, EmbeddedServers, running

__all__ = ["Addresses", "EmbeddedServerError", "EmbeddedServers", "running"]
