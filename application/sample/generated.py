"""As many goods as wanted, made of word lists: the n-th of a seed is always the same, and no two have the same name."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

from application.sample.goods import Good, Shelf
from application.sample.wanted import Picture, Wanted, wanted
from domain.slugs import slugify

MAKERS = (
    "Alder Arbour Aske Avel Birk Brae Brisa Calder Cove Dale Dune Eider Elm Fenn Fjord Garth Glen Halden Haven Heath "
    "Holm Inver Isla Juniper Kelda Kite Lark Linden Loch Marlow Mere Moor Nant Norr Oda Orla Pell Quill Rhône Rowan "
    "Saga Selje Skye Sólveig Tarn Thistle Torv Ullr Vale Vire Weald Wharf Wren Yarrow Åre Östra"
).split()
MANNERS = (
    "Plain Little Grand Slim Round Tall Soft Early Evening Northern Southern Coastal Mountain Garden City Studio "
    "Travel Everyday Weekend Winter Summer Classic Modern Folding Brushed Woven Painted Quiet Bright Sturdy Light "
    "Deep Wide"
).split()
COLOURS = ("clay", "forest", "mustard", "navy", "plum", "teal")
SIZES: dict[str, tuple[str, ...]] = {"Size": ("S", "M", "L")}
MATERIALS: dict[str, tuple[str, ...]] = {"Finish": ("Oak", "Walnut", "White")}


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of good: what it is called and looks like, and between which prices it is sold."""

    shelf: Shelf
    noun: str
    motif: str
    cheapest: int
    dearest: int
    sizes: bool = False


KINDS = (
    Kind(("Home", "Lighting"), "Desk Lamp", "desk_lamp", 3900, 14900),
    Kind(("Home", "Lighting"), "Floor Lamp", "floor_lamp", 8900, 29900),
    Kind(("Home", "Lighting"), "Pendant", "pendant", 5900, 24900),
    Kind(("Home", "Lighting"), "Candle", "candle", 900, 3900),
    Kind(("Home", "Kitchen & Table"), "Mug", "mug", 900, 2900),
    Kind(("Home", "Kitchen & Table"), "Bowl", "bowl", 1400, 5900),
    Kind(("Home", "Kitchen & Table"), "Plate", "plate", 1200, 4200),
    Kind(("Home", "Kitchen & Table"), "Kettle", "kettle", 3900, 11900),
    Kind(("Home", "Kitchen & Table"), "Serving Board", "board", 2400, 7900),
    Kind(("Home", "Furniture"), "Chair", "chair", 8900, 32900),
    Kind(("Home", "Furniture"), "Armchair", "armchair", 29900, 89900),
    Kind(("Home", "Furniture"), "Stool", "stool", 4900, 18900),
    Kind(("Home", "Furniture"), "Bookcase", "shelf", 14900, 59900),
    Kind(("Home", "Textiles"), "Cushion", "cushion", 1900, 6900),
    Kind(("Home", "Textiles"), "Blanket", "blanket", 4900, 16900),
    Kind(("Home", "Plants & Pots"), "Planter", "plant", 1400, 8900),
    Kind(("Home", "Plants & Pots"), "Pot", "pot", 900, 4900),
    Kind(("Home", "Plants & Pots"), "Vase", "vase", 1900, 9900),
    Kind(("Workspace", "Stationery"), "Notebook", "notebook", 600, 3900),
    Kind(("Workspace", "Stationery"), "Fountain Pen", "fountain_pen", 2900, 19900),
    Kind(("Workspace", "Desk"), "Clock", "clock", 2900, 14900),
    Kind(("Workspace", "Desk"), "Organiser", "organiser", 1900, 9900),
    Kind(("Wardrobe", "Clothing"), "Shirt", "shirt", 3900, 12900, sizes=True),
    Kind(("Wardrobe", "Clothing"), "Tee", "tee", 1900, 4900, sizes=True),
    Kind(("Wardrobe", "Clothing"), "Jumper", "jumper", 5900, 21900, sizes=True),
    Kind(("Wardrobe", "Clothing"), "Jacket", "jacket", 8900, 39900, sizes=True),
    Kind(("Wardrobe", "Accessories"), "Cap", "cap", 1900, 5900),
    Kind(("Wardrobe", "Accessories"), "Socks", "socks", 900, 2900, sizes=True),
    Kind(("Wardrobe", "Accessories"), "Scarf", "scarf", 2900, 12900),
    Kind(("Wardrobe", "Accessories"), "Umbrella", "umbrella", 2900, 11900),
    Kind(("Wardrobe", "Bags"), "Tote", "tote", 1900, 8900),
    Kind(("Wardrobe", "Bags"), "Backpack", "backpack", 5900, 24900),
    Kind(("Wardrobe", "Bags"), "Wallet", "wallet", 2400, 12900),
    Kind(("Sound", "Audio"), "Speaker", "speaker", 9900, 69900),
    Kind(("Sound", "Audio"), "Radio", "radio", 4900, 19900),
    Kind(("Sound", "Audio"), "Turntable", "turntable", 14900, 79900),
    Kind(("Sound", "Audio"), "Headphones", "headphones", 4900, 39900),
    Kind(("Outdoors", "Camp"), "Lantern", "lantern", 2900, 11900),
    Kind(("Outdoors", "Camp"), "Tent", "tent", 12900, 69900),
    Kind(("Outdoors", "Trail"), "Bottle", "bottle", 1400, 4900),
    Kind(("Outdoors", "Trail"), "Flask", "flask", 2400, 6900),
)
NAMES = len(MAKERS) * len(MANNERS) * len(KINDS)


def generate(count: int, seed: int) -> Iterator[Wanted]:
    """Made one by one, so that memory holds no more than what is being stored."""
    order = random.Random(seed)  # noqa: S311 - made-up goods, not secrets
    start = order.randrange(NAMES)
    step = next(one for one in iter(lambda: order.randrange(NAMES // 3, NAMES), None) if gcd(one, NAMES) == 1)
    return (_good((start + number * step) % NAMES, number, seed) for number in range(count))


def _good(place: int, number: int, seed: int) -> Wanted:
    """The good whose name stands at that place among all names; past the last one a numeral tells them apart."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311
    kind = KINDS[place % len(KINDS)]
    maker = MAKERS[place // len(KINDS) % len(MAKERS)]
    manner = MANNERS[place // len(KINDS) // len(MAKERS)]
    series = f" {number // NAMES + 1}" if number >= NAMES else ""
    name = f"{maker} {manner} {kind.noun}{series}"
    paints = tuple(chance.sample(COLOURS, 4))
    price = chance.randrange(kind.cheapest, kind.dearest, 100)
    good = Good(
        name=name,
        price=price,
        motif=kind.motif,
        colour=paints[0],
        text=f"{manner} {kind.noun.lower()} by {maker}. A generated product, for trying out a large shop.",
        options=_options(kind, paints, chance),
        was=price * 5 // 4 // 100 * 100 if chance.random() < 0.2 else None,
        stock=chance.choice(((), (), (), (), (), (), (3, 8), (0, 20), (0,), (2,))),
        featured=False,
        tags=(kind.noun.lower(), manner.lower()),
    )
    pictures = tuple(_shared(kind.motif, colour) for colour in paints[: chance.choice((1, 2, 2, 3))])
    return wanted(kind.shelf, good, f"{slugify(name)}-{seed}-{number}", f"G{seed}-{number:06d}", pictures)


def _options(kind: Kind, paints: tuple[str, ...], chance: random.Random) -> dict[str, tuple[str, ...]]:
    """Three variants on average, none to six."""
    two, three, four = ({"Colour": tuple(paint.title() for paint in paints[:count])} for count in (2, 3, 4))
    choices: list[dict[str, tuple[str, ...]]] = [two, three, four, MATERIALS]
    if kind.sizes:
        choices = [three, SIZES, SIZES, {}, SIZES | two]
    return chance.choice(choices)


def _shared(motif: str, colour: str) -> Picture:
    """Generated goods of one motif and colour have the same picture."""
    return Picture(f"sample/any/{motif.replace('_', '-')}-{colour}.webp", motif, colour, 0)
