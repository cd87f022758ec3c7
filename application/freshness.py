"""Keeping answers fresh: what a transaction changed of what readers see, and where processes share what they read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

CATALOG = "catalog"  # the topic of what any change of products or categories may change
CATEGORIES = "categories"
ANYTHING = "anything"  # the topic of what any change may change, a sale too


@dataclass(frozen=True, slots=True)
class Changed:
    """What one transaction changed."""

    products: frozenset[UUID] = frozenset()
    skus: frozenset[str] = frozenset()  # whose stock moved
    categories: bool = False

    @property
    def topics(self) -> frozenset[str]:
        """An answer about one of them may be another one now."""
        topics = {*map(str, self.products), *self.skus}
        if self.categories:
            topics.add(CATEGORIES)
        if self.products or self.categories:
            topics.add(CATALOG)
        if topics:
            topics.add(ANYTHING)
        return frozenset(topics)


Announce = Callable[[Changed], None]  # say what was changed, once it is committed; never blocks, never fails


@dataclass(frozen=True, slots=True)
class Bulletin:
    """`Announce`, to whoever keeps answers in this process. The others notice within a second, by themselves."""

    readers: list[Callable[[frozenset[str]], None]] = field(default_factory=list)

    def __call__(self, changed: Changed) -> None:
        topics = changed.topics
        for reader in self.readers if topics else ():
            reader(topics)


class SharedAnswers(Protocol):
    """Where the processes of a shop share answers for moments. Whatever fails there is as if nothing were kept."""

    async def get(self, key: str) -> tuple[bytes, float] | None:
        """What was put, and for how many seconds it is good from the call on."""
        ...

    async def put(self, key: str, answer: bytes, seconds: float) -> None: ...
