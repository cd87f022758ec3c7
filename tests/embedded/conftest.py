"""A data directory of its own for each test, with a space in its path, and the servers in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.embedded import EmbeddedServers


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "my shop" / ".tradepost"


@pytest.fixture
def servers(data_dir: Path) -> Iterator[EmbeddedServers]:
    """Not started; stopped at the end whatever became of them."""
    servers = EmbeddedServers(data_dir)
    yield servers
    servers.stop()
