"""Media as files below one folder, served at /media/."""

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileMedia:
    folder: Path

    async def put(self, key: str, data: bytes, content_type: str) -> str:
        await asyncio.to_thread(self._write, key, data)
        return f"/media/{key}"

    def _write(self, key: str, data: bytes) -> None:
        """Whole or not at all: readers never see half a picture."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as fresh:
            fresh.write(data)
        whole = Path(fresh.name)
        whole.chmod(0o644)
        whole.replace(path)
