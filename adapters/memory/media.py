"""Media in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from application.media import HERE, is_key, type_of
from application.ports import StoredMedia


@dataclass(frozen=True, slots=True)
class MemoryMedia:
    kept: dict[str, bytes] = field(default_factory=dict)

    async def put(self, key: str, data: bytes) -> str:
        if not is_key(key):
            raise ValueError(key)
        self.kept[key] = data
        return f"{HERE}{key}"

    async def get(self, key: str) -> StoredMedia | None:
        if (data := self.kept.get(key)) is None:
            return None
        return StoredMedia(data, type_of(key), f'"{sha256(data).hexdigest()}"')

    async def remove(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.kept.pop(key, None)

    def key(self, url: str) -> str | None:
        key = url.removeprefix(HERE)
        return key if key != url and is_key(key) else None
