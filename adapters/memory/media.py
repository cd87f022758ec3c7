"""Media in memory."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemoryMedia:
    kept: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    async def put(self, key: str, data: bytes, content_type: str) -> str:
        self.kept[key] = content_type, data
        return f"/media/{key}"
