"""The press: pages at once, PDF off the event loop."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from adapters.documents.pages import page
from adapters.documents.pdf import pdf
from application.papers import Paper


@dataclass(frozen=True, slots=True)
class PaperPress:
    """`font` is a TrueType file with the letters of the shop's customers; without one, Latin ones are all there are."""

    font: Path | None = None

    def page(self, paper: Paper) -> str:
        return page(paper)

    async def pdf(self, paper: Paper) -> bytes:
        return await asyncio.to_thread(pdf, paper, self.font)
