"""What an operator may ask of a running process; known to the container, which shall not need the web framework."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import NewType, Protocol

Probe = Callable[[], Awaitable[bool]]
Probes = NewType("Probes", Mapping[str, Probe])  # by the name of the part; "database" is the one we cannot do without


class Statements(Protocol):
    """Counts the SQL statements of the request that is being answered."""

    def begin(self) -> None: ...

    async def total(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Level:
    """A number that goes up and down. A process's own ones are added up; any process can read the others."""

    what: str
    read: Callable[[], Awaitable[float]]
    is_own: bool = False


Levels = NewType("Levels", Mapping[str, Level])  # by the name of the metric
