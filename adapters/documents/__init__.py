"""Papers in print: as a page of HTML, and as PDF."""

from adapters.documents.press import PaperPress

__all__ = ["PaperPress"]
