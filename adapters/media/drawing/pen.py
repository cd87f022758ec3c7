"""Outlines and a pen to fill them with, on a square of 100 by 100 units, y downwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from PIL import ImageDraw

Point = tuple[float, float]
Outline = list[Point]
Colour = tuple[int, int, int]

WOOD: Colour = (201, 158, 112)
METAL: Colour = (120, 124, 132)
INK: Colour = (58, 60, 68)
PAPER: Colour = (250, 247, 240)
LEAF: Colour = (96, 140, 104)


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """`part` of the other in the one."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def darker(colour: Colour, part: float = 0.16) -> Colour:
    return mix(colour, (24, 20, 40), part)


def lighter(colour: Colour, part: float = 0.3) -> Colour:
    return mix(colour, (255, 255, 255), part)


def box(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Outline:
    """A rectangle, its corners rounded."""
    if not radius:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    corners = [(right - radius, top + radius, -90), (right - radius, bottom - radius, 0)]
    corners += [(left + radius, bottom - radius, 90), (left + radius, top + radius, 180)]
    return [point for x, y, start in corners for point in arc(x, y, radius, radius, start, start + 90)]


def oval(x: float, y: float, wide: float, high: float | None = None) -> Outline:
    """An ellipse by its centre and radii; a circle by one."""
    return arc(x, y, wide, wide if high is None else high, 0, 360)


def arc(x: float, y: float, wide: float, high: float, start: float, end: float) -> Outline:
    """Part of an ellipse, in degrees clockwise from the right."""
    steps = max(6, round(abs(end - start) / 5))
    angles = (pi / 180 * (start + (end - start) * n / steps) for n in range(steps + 1))
    return [(x + wide * cos(angle), y + high * sin(angle)) for angle in angles]


def smooth(points: Sequence[Point], *, closed: bool = True) -> Outline:
    """A soft curve through the points (Catmull-Rom)."""
    ring = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    found = []
    for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:], strict=False):
        found += [
            (_between(a[0], b[0], c[0], d[0], n / 10), _between(a[1], b[1], c[1], d[1], n / 10)) for n in range(10)
        ]
    return found if closed else [*found, points[-1]]


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def right_of(outline: Outline, x: float) -> Outline:
    """What of the outline lies to the right of x."""
    kept: Outline = []
    for (ax, ay), (bx, by) in zip(outline, [*outline[1:], outline[0]], strict=True):
        if ax >= x:
            kept.append((ax, ay))
        if (ax >= x) != (bx >= x):
            kept.append((x, ay + (by - ay) * (x - ax) / (bx - ax)))
    return kept


@dataclass(frozen=True, slots=True)
class Pen:
    """Fills outlines. `scale` is how many pixels a unit has."""

    canvas: ImageDraw.ImageDraw
    scale: float

    def fill(self, outline: Outline, colour: Colour) -> None:
        if len(outline) > 2:
            self.canvas.polygon([(x * self.scale, y * self.scale) for x, y in outline], fill=colour)

    def body(self, outline: Outline, colour: Colour, shade_from: float = 58) -> None:
        """Filled, with its right side in the shade."""
        self.fill(outline, colour)
        self.fill(right_of(outline, shade_from), darker(colour))

    def stroke(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line with round ends and corners."""
        line = [(x * self.scale, y * self.scale) for x, y in points]
        self.canvas.line(line, fill=colour, width=round(width * self.scale), joint="curve")
        for x, y in (points[0], points[-1]):
            self.fill(oval(x, y, width / 2), colour)
