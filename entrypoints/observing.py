"""What an operator may ask of a running process; known to the container, which shall not need the web framework."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NewType, Protocol

Probe = Callable[[], Awaitable[bool]]
Probes = NewType("Probes", Mapping[str, Probe])  # by the name of the part; "database" is the one we cannot do without


class Statements(Protocol):
    """Counts the SQL statements of the request that is being answered."""

    def begin(self) -> None: ...

    async def total(self) -> int: ...
