"""Motifs for the desk, the ears and the trail."""

from adapters.media.drawing.pen import (
    INK,
    LEAF,
    METAL,
    PAPER,
    WOOD,
    Colour,
    Pen,
    arc,
    box,
    darker,
    lighter,
    oval,
    smooth,
)

FLAME: Colour = (246, 190, 90)


def notebook(pen: Pen, colour: Colour) -> None:
    pen.fill(box(32, 18, 78, 86, 3), PAPER)
    pen.fill(box(30, 17, 75, 84, 3), darker(PAPER, 0.1))
    pen.body(box(26, 15, 72, 83, 3), colour, 62)
    pen.fill(box(26, 15, 34, 83, 3), darker(colour, 0.3))
    pen.fill(box(42, 28, 64, 42, 1.4), PAPER)
    pen.stroke([(46, 33), (60, 33)], METAL, 0.9)
    pen.stroke([(46, 37), (55, 37)], METAL, 0.9)
    pen.fill(box(67, 15, 69, 83), darker(colour, 0.45))
    pen.fill([(56, 83), (60, 83), (60, 92), (58, 89.5), (56, 92)], (196, 84, 74))


def pencils(pen: Pen, colour: Colour) -> None:
    for x, top, paint in ((36, 22, (226, 176, 84)), (45, 14, colour), (54, 18, LEAF), (62, 26, (196, 100, 82))):
        pen.fill(box(x, top + 9, x + 6, 60), paint)
        pen.fill(box(x + 4, top + 9, x + 6, 60), darker(paint))
        pen.fill([(x, top + 9), (x + 3, top), (x + 6, top + 9)], lighter(WOOD, 0.35))
        pen.fill([(x + 2, top + 3), (x + 3, top), (x + 4, top + 3)], darker(paint, 0.4))
    pen.body(box(31, 48, 72, 86, 3), colour, 58)
    pen.fill(box(31, 48, 72, 53, 2), lighter(colour, 0.3))
    pen.fill(box(31, 66, 72, 68), lighter(colour, 0.5))


def fountain_pen(pen: Pen, colour: Colour) -> None:
    def along(start: float, end: float, half: float) -> list[tuple[float, float]]:
        """A strip of the pen's axis, which runs from the lower left to the upper right."""
        (ax, ay), (bx, by) = ((22 + 56 * t, 80 - 60 * t) for t in (start, end))
        return [(ax - half, ay - half), (bx - half, by - half), (bx + half, by + half), (ax + half, ay + half)]

    pen.stroke(smooth([(16, 86), (28, 90), (40, 84), (54, 89), (70, 85)], closed=False), INK, 1)
    pen.fill([(17, 85.5), *along(0.09, 0.1, 2.6)], (222, 184, 106))
    pen.fill(along(0.09, 0.2, 3), INK)
    pen.fill(along(0.2, 0.56, 4.2), colour)
    pen.fill(along(0.54, 0.6, 4.8), (222, 184, 106))
    pen.fill(along(0.6, 0.98, 4.6), darker(colour, 0.18))
    pen.stroke([(60, 33), (76, 16)], (222, 184, 106), 1.4)


def clock(pen: Pen, colour: Colour) -> None:
    for foot in (36, 64):
        pen.stroke([(foot, 78), (foot + (foot - 50) / 3, 87)], darker(colour, 0.4), 2.6)
    pen.body(oval(50, 51, 33), colour, 60)
    pen.fill(oval(50, 51, 27.5), PAPER)
    for n in range(12):
        x, y = arc(50, 51, 23.5, 23.5, n * 30, n * 30)[0]
        pen.fill(oval(x, y, 1.6 if n % 3 == 0 else 0.9), INK)
    pen.stroke([(50, 51), (50, 34)], INK, 1.7)
    pen.stroke([(50, 51), (62, 57)], INK, 2.2)
    pen.fill(oval(50, 51, 2.2), (196, 84, 74))


def organiser(pen: Pen, colour: Colour) -> None:
    pen.fill(box(30, 26, 48, 62, 1), PAPER)
    pen.fill(box(36, 30, 54, 62, 1), lighter(colour, 0.7))
    for y in (36, 41, 46):
        pen.stroke([(40, y), (50, y)], METAL, 0.8)
    for x, top, paint in ((62, 24, (226, 176, 84)), (68, 30, LEAF)):
        pen.fill(box(x, top, x + 3.4, 60, 1), paint)
    pen.body([(22, 54), (78, 46), (78, 84), (22, 84)], colour, 60)
    pen.fill([(22, 54), (78, 46), (78, 49), (22, 57)], lighter(colour, 0.3))
    pen.fill(box(28, 68, 54, 79, 1.6), darker(colour, 0.24))
    pen.fill(oval(41, 73.5, 1.8), WOOD)


def speaker(pen: Pen, colour: Colour) -> None:
    pen.body(box(30, 14, 70, 86, 7), colour, 60)
    pen.fill(box(33.5, 17.5, 66.5, 82.5, 5), darker(colour, 0.36))
    for y, size in ((32, 8.5), (61, 14.5)):
        pen.fill(oval(50, y, size), METAL)
        pen.fill(oval(50, y, size * 0.84), INK)
        pen.fill(oval(50, y, size * 0.4), lighter(INK, 0.25))
    pen.fill(oval(62, 21.5, 1), FLAME)


def radio(pen: Pen, colour: Colour) -> None:
    pen.stroke([(70, 36), (84, 12)], METAL, 1.2)
    pen.stroke(arc(50, 36, 18, 11, 180, 360), darker(colour, 0.4), 2.4)
    pen.body(box(16, 34, 84, 80, 7), colour, 64)
    pen.fill(box(22, 41, 52, 73, 4), darker(colour, 0.36))
    for y in range(45, 72, 4):
        pen.stroke([(25, y), (49, y)], lighter(colour, 0.2), 1.1)
    pen.fill(box(57, 42, 78, 51, 1.6), PAPER)
    pen.stroke([(70, 43), (70, 50)], (196, 84, 74), 0.9)
    for x in (62, 74):
        pen.fill(oval(x, 63, 5), PAPER)
        pen.stroke([(x, 63), (x + 2, 60)], INK, 1)


def headphones(pen: Pen, colour: Colour) -> None:
    pen.stroke(arc(50, 52, 28, 32, 180, 360), darker(colour, 0.2), 5)
    pen.stroke(arc(50, 52, 28, 32, 200, 270), lighter(colour, 0.3), 1.4)
    for x, inner in ((22, 30), (78, 70)):
        pen.fill(box(min(x, inner) - 1, 50, max(x, inner) + 1, 80, 4), darker(INK, 0.1))
        pen.body(box(x - 8, 48, x + 8, 82, 7), colour, x + 2)
        pen.fill(box(x - 3, 58, x + 3, 72, 3), lighter(colour, 0.35))


def turntable(pen: Pen, colour: Colour) -> None:
    pen.body(box(14, 30, 86, 78, 4), colour, 66)
    pen.fill(box(18, 76, 28, 83, 1.5), INK)
    pen.fill(box(72, 76, 82, 83, 1.5), INK)
    pen.fill(oval(43, 54, 22, 20), INK)
    for size in (19, 15.5, 12):
        pen.stroke(arc(43, 54, size, size * 0.91, 0, 360), lighter(INK, 0.14), 0.4)
    pen.fill(oval(43, 54, 7.6, 7), (216, 120, 88))
    pen.fill(oval(43, 54, 1.1), PAPER)
    pen.stroke([(75, 38), (75, 56), (60, 66)], PAPER, 1.8)
    pen.fill(oval(75, 38, 4), METAL)
    pen.fill(oval(76, 70, 2.6), PAPER)


def lantern(pen: Pen, colour: Colour) -> None:
    pen.stroke(arc(50, 34, 17, 21, 180, 360), METAL, 1.8)
    pen.fill(box(35, 38, 65, 74), lighter(FLAME, 0.62))
    pen.fill(smooth([(50, 46), (55.5, 60), (50, 68), (44.5, 60)]), FLAME)
    pen.fill(smooth([(50, 54), (52.5, 62), (50, 67), (47.5, 62)]), PAPER)
    for x in (36, 64):
        pen.stroke([(x, 40), (x, 72)], darker(colour, 0.2), 1.8)
    pen.body([(38, 28), (62, 28), (69, 40), (31, 40)], colour, 56)
    pen.fill(box(44, 22, 56, 29, 2), darker(colour, 0.25))
    pen.body(box(29, 72, 71, 84, 3), colour, 56)


def tent(pen: Pen, colour: Colour) -> None:
    pen.fill([(50, 22), (92, 82), (62, 82)], darker(colour, 0.24))
    pen.fill([(50, 22), (74, 82), (10, 82)], colour)
    pen.fill([(50, 22), (56, 82), (30, 82)], darker(colour, 0.46))
    pen.fill([(50, 22), (36, 82), (28, 82)], lighter(colour, 0.4))
    pen.stroke([(50, 22), (50, 15)], WOOD, 1.4)
    pen.fill([(50, 13), (60, 16), (50, 19)], (216, 120, 88))
    pen.stroke([(10, 82), (4, 86)], METAL, 0.8)
    pen.stroke([(92, 82), (96, 86)], METAL, 0.8)


def flask(pen: Pen, colour: Colour) -> None:
    pen.body(box(39, 12, 61, 28, 3), lighter(colour, 0.55), 54)
    pen.fill(box(41, 27, 59, 31), METAL)
    pen.body(box(35, 30, 65, 86, 5), colour, 55)
    pen.stroke([(65, 44), (74, 46), (74, 68), (65, 70)], darker(colour, 0.36), 2.6)
    pen.fill([(35, 70), (44, 56), (50, 64), (56, 52), (65, 70)], lighter(colour, 0.5))
    pen.fill(box(35, 70, 65, 72), lighter(colour, 0.5))
