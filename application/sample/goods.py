"""One good of the sample catalogue, as its lists have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Shelf = tuple[str, str]  # the upper and the lower category


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """Prices are in hundredths of the shop's money; `extra` is what an option's value costs more.

    `stock` is dealt out to the SKUs in turn; without it every SKU gets a healthy number. The motif and the colours,
    those among the options' values included, are what the picture is drawn from.
    """

    name: str
    price: int
    motif: str
    colour: str
    text: str
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extra: Mapping[str, int] = field(default_factory=dict)
    was: int | None = None
    stock: tuple[int, ...] = ()
    featured: bool = False
    tracked: bool = True
    tags: tuple[str, ...] = ()
