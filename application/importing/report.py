"""What an import tells who started it: what it made and changed, what it refused, and what it did differently."""

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """A row because of which its whole product was left out. `row` is the line of the file where the record starts."""

    row: int
    handle: str
    code: str
    message: str


class Note(msgspec.Struct, frozen=True):
    """Something that was taken over, but not as the file has it."""

    row: int
    handle: str
    code: str
    message: str


class ImportReport(msgspec.Struct, kw_only=True):
    """`variants` counts what can be bought: a product without options is one. Refused products are in no sum."""

    rows: int = 0
    products_created: int = 0
    products_changed: int = 0
    products_unchanged: int = 0
    variants: int = 0
    images: int = 0
    categories_created: int = 0
    stock_received: int = 0  # SKUs that got their first delivery
    dry_run: bool = False
    refused: list[Refusal] = []  # rows, of which a product may have several
    notes: list[Note] = []

    @property
    def products_refused(self) -> int:
        return len({refusal.handle or refusal.row for refusal in self.refused})
