"""One picture: a motif in its colour on a soft ground, as WebP."""

import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw

from adapters.media.drawing import carried, desk, home
from adapters.media.drawing.pen import Colour, Pen, darker, lighter, oval

SIZE = 800  # pixels, each way
FINER = 2  # drawn so many times larger, for soft edges
QUALITY = 82

COLOURS: dict[str, Colour] = {
    "charcoal": (74, 78, 88),
    "clay": (201, 118, 90),
    "cream": (240, 229, 208),
    "forest": (66, 106, 86),
    "indigo": (84, 92, 148),
    "mustard": (222, 170, 74),
    "navy": (56, 80, 120),
    "oak": (206, 164, 116),
    "plum": (128, 84, 118),
    "rose": (216, 142, 142),
    "sage": (150, 176, 150),
    "sky": (132, 172, 200),
    "teal": (70, 138, 140),
    "walnut": (134, 96, 72),
    "white": (246, 245, 242),
}
GROUNDS: tuple[Colour, ...] = (
    (243, 236, 226),
    (231, 238, 234),
    (244, 232, 226),
    (230, 236, 244),
    (240, 238, 224),
    (238, 232, 240),
)
MOTIFS: dict[str, Callable[[Pen, Colour], None]] = {
    motif.__name__: motif
    for motif in (
        home.desk_lamp, home.floor_lamp, home.pendant, home.candle, home.mug, home.bowl, home.plate, home.kettle,
        home.board, home.chair, home.armchair, home.stool, home.shelf, home.cushion, home.blanket, home.plant,
        home.pot, home.vase, carried.shirt, carried.tee, carried.jumper, carried.jacket, carried.cap, carried.socks,
        carried.scarf, carried.tote, carried.backpack, carried.wallet, carried.umbrella, carried.bottle,
        desk.notebook, desk.pencils, desk.fountain_pen, desk.clock, desk.organiser, desk.speaker, desk.radio,
        desk.headphones, desk.turntable, desk.lantern, desk.tent, desk.flask,
    )
}  # fmt: skip


def draw(motif: str, colour: str, seed: int) -> bytes:
    """A WebP of 800 by 800. The seed varies ground and light, and mirrors some; motif and colour must be known ones."""
    chance = random.Random(f"{motif} {colour} {seed}")  # noqa: S311 - looks, not secrets
    paint = COLOURS[colour]
    ground = chance.choice(GROUNDS)
    if min(paint) > 200:
        ground = darker(ground, 0.12)
    image = Image.new("RGB", (SIZE * FINER, SIZE * FINER), ground)
    pen = Pen(ImageDraw.Draw(image), SIZE * FINER / 100)
    pen.fill(
        oval(50 + chance.uniform(-7, 7), 48 + chance.uniform(-5, 5), chance.uniform(37, 42)), lighter(ground, 0.45)
    )
    if motif != "pendant":
        pen.fill(oval(51, 85, 34, 3.2), darker(ground, 0.12))
    MOTIFS[motif](pen, paint)
    small = image.reduce(FINER)
    if chance.random() < 0.35 and motif not in {"clock", "notebook", "candle"}:
        small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    stream = BytesIO()
    small.save(stream, "WEBP", quality=QUALITY, method=2)
    return stream.getvalue()
