"""A sample product before it has ids: its slug, SKUs, prices, stock and pictures, always the same for the same good."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from application.sample.goods import Good, Shelf
from domain.money import Money, digits
from domain.slugs import slugify

# The colours that the pictures know. Other values of options (sizes, scents) are not drawn.
PAINTS = frozenset("charcoal clay cream forest indigo mustard navy oak plum rose sage sky teal walnut white".split())
PICTURES = 2  # of a good made by hand, at most


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, and the key under which it is kept."""

    key: str
    motif: str
    colour: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One variant. No price of its own means the product's."""

    sku: str
    attributes: dict[str, str]
    price: int | None
    was: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A product of the sample. `stock` is in the order of the SKUs, which are the variants' or the product's own."""

    shelf: Shelf
    good: Good
    slug: str
    sku: str
    variants: tuple[Option, ...]
    stock: tuple[int, ...]
    pictures: tuple[Picture, ...]

    @property
    def skus(self) -> tuple[str, ...]:
        return tuple(variant.sku for variant in self.variants) or (self.sku,)


def by_hand(shelf: Shelf, good: Good) -> Wanted:
    slug = slugify(good.name)
    return wanted(shelf, good, slug, f"TP-{slug.upper()}", tuple(_pictures(slug, good)))


def wanted(shelf: Shelf, good: Good, slug: str, sku: str, pictures: tuple[Picture, ...]) -> Wanted:
    variants = tuple(_variants(good, sku))
    count = len(variants) or 1
    chance = random.Random(sku)  # noqa: S311 - made-up stock, not secrets
    stock = good.stock or tuple(chance.randint(12, 80) for _ in range(count))
    dealt = tuple(itertools.islice(itertools.cycle(stock), count))
    return Wanted(shelf=shelf, good=good, slug=slug, sku=sku, variants=variants, stock=dealt, pictures=pictures)


def money(hundredths: int, currency: str) -> Money:
    """49.00 in most currencies; yen have no hundredths and are worth about one: 4900; fils are thousandths: 49.000."""
    return Money(hundredths * 10 ** max(0, digits(currency) - 2), currency)


def _variants(good: Good, sku: str) -> Iterator[Option]:
    """Every combination of the options' values."""
    if not good.options:
        return
    for values in itertools.product(*good.options.values()):
        more = sum(good.extra.get(value, 0) for value in values)
        yield Option(
            sku=f"{sku}-{slugify(' '.join(values)).upper()}",
            attributes=dict(zip(good.options, values, strict=True)),
            price=good.price + more if more else None,
            was=good.was + more if more and good.was else None,
        )


def _pictures(slug: str, good: Good) -> Iterator[Picture]:
    """The good in its own colour, and in the next one that it comes in."""
    values = (value.lower() for listed in good.options.values() for value in listed)
    colours = dict.fromkeys([good.colour, *(value for value in values if value in PAINTS)])
    for number, colour in enumerate(itertools.islice(colours, PICTURES), 1):
        yield Picture(f"sample/{slug}-{number}.webp", good.motif, colour, number)
