"""Motifs for what people wear and carry."""

from adapters.media.drawing.pen import (
    INK,
    METAL,
    PAPER,
    WOOD,
    Colour,
    Outline,
    Pen,
    arc,
    box,
    darker,
    lighter,
    oval,
    smooth,
)


def shirt(pen: Pen, colour: Colour) -> None:
    pen.body([(30, 26), (12, 44), (22, 54), (33, 44)], darker(colour, 0.08), 40)
    pen.body([(70, 26), (88, 44), (78, 54), (67, 44)], darker(colour, 0.12), 70)
    pen.body([(31, 25), (41, 20), (59, 20), (69, 25), (69, 84), (31, 84)], colour, 60)
    pen.fill([(41, 20), (59, 20), (50, 33)], darker(colour, 0.4))
    pen.fill([(41, 19), (50, 32), (42, 37), (36, 22)], lighter(colour, 0.3))
    pen.fill([(59, 19), (50, 32), (58, 37), (64, 22)], lighter(colour, 0.18))
    pen.stroke([(50, 34), (50, 83)], darker(colour, 0.22), 0.7)
    for y in (42, 52, 62, 72):
        pen.fill(oval(52.2, y, 1), PAPER)
    pen.fill(box(56, 44, 64, 53, 1), darker(colour, 0.26))


def tee(pen: Pen, colour: Colour) -> None:
    edge: Outline = [(38, 21), (62, 21), (88, 37), (80, 51), (69, 45), (69, 83), (31, 83), (31, 45), (20, 51), (12, 37)]
    pen.body(edge, colour, 58)
    pen.fill(arc(50, 20.5, 11, 9, 0, 180), darker(colour, 0.35))
    pen.fill(arc(50, 20, 9, 6, 0, 180), darker(colour, 0.5))
    pen.fill(oval(50, 54, 9), lighter(colour, 0.55))
    pen.fill(arc(50, 54, 9, 9, 0, 180), darker(colour, 0.28))


def jumper(pen: Pen, colour: Colour) -> None:
    pen.body([(32, 24), (20, 32), (12, 74), (22, 78), (33, 48)], darker(colour, 0.07), 26)
    pen.body([(68, 24), (80, 32), (88, 74), (78, 78), (67, 48)], darker(colour, 0.12), 74)
    pen.body([(32, 24), (42, 20), (58, 20), (68, 24), (68, 80), (32, 80)], colour, 60)
    pen.fill(box(41, 16, 59, 24, 3.4), darker(colour, 0.24))
    pen.fill(box(31, 77, 69, 84, 2), darker(colour, 0.24))
    for y in (38, 46, 54):
        for x in range(35, 66, 5):
            pen.fill([(x, y), (x + 2.5, y - 3.6), (x + 5, y), (x + 2.5, y + 3.6)], lighter(colour, 0.5))
    pen.stroke([(12.4, 73), (22, 77)], darker(colour, 0.3), 3)
    pen.stroke([(87.6, 73), (78, 77)], darker(colour, 0.3), 3)


def jacket(pen: Pen, colour: Colour) -> None:
    pen.body([(30, 26), (18, 36), (15, 76), (25, 78), (33, 50)], darker(colour, 0.1), 26)
    pen.body([(70, 26), (82, 36), (85, 76), (75, 78), (67, 50)], darker(colour, 0.14), 74)
    pen.body([(31, 25), (42, 19), (58, 19), (69, 25), (70, 84), (30, 84)], colour, 50)
    pen.fill([(42, 15), (58, 15), (61, 26), (50, 31), (39, 26)], darker(colour, 0.34))
    pen.stroke([(50, 30), (50, 83)], METAL, 1.2)
    pen.fill(box(48.6, 34, 51.4, 39, 1), WOOD)
    for x in (35, 56):
        pen.fill(box(x, 58, x + 10, 70, 1.6), darker(colour, 0.26))
        pen.fill(box(x, 58, x + 10, 61.4, 1.2), lighter(colour, 0.16))


def cap(pen: Pen, colour: Colour) -> None:
    pen.fill(smooth([(48, 62), (86, 61), (92, 67), (80, 71), (50, 68)]), darker(colour, 0.34))
    pen.body([*arc(46, 63, 30, 32, 180, 360), (76, 66), (16, 66)], colour, 54)
    pen.stroke(arc(46, 63, 12, 32, 200, 270), darker(colour, 0.22), 0.8)
    pen.stroke(arc(46, 63, 16, 32, 270, 340), darker(colour, 0.32), 0.8)
    pen.fill(oval(46, 31, 2.4, 1.6), darker(colour, 0.3))
    pen.fill(box(16, 62.6, 76, 67, 2), lighter(colour, 0.16))


def socks(pen: Pen, colour: Colour) -> None:
    for shift, paint in ((14, darker(colour, 0.16)), (0, colour)):
        leg = [(30, 18), (48, 18), (48, 56), (64, 70), (62, 82), (50, 84), (34, 72), (30, 60)]
        moved = [(x + shift, y) for x, y in leg]
        pen.fill([*moved[:2], *smooth(moved[2:], closed=False)], paint)
        pen.fill(box(29 + shift, 16, 49 + shift, 25, 1.6), lighter(paint, 0.5))
        for y in (32, 40, 48):
            pen.fill(box(30 + shift, y, 48 + shift, y + 2.6), lighter(paint, 0.36))
        pen.fill(smooth([(56 + shift, 66), (64 + shift, 71), (62 + shift, 81), (53 + shift, 83)]), lighter(paint, 0.36))


def scarf(pen: Pen, colour: Colour) -> None:
    for left, bottom, paint in ((54, 80, darker(colour, 0.2)), (36, 86, darker(colour, 0.06))):
        pen.body(box(left, 42, left + 16, bottom - 5, 2), paint, left + 11)
        for y in (bottom - 14, bottom - 20):
            pen.fill(box(left, y, left + 16, y + 2.4), lighter(colour, 0.55))
        for x in range(left + 1, left + 16, 3):
            pen.stroke([(x, bottom - 5), (x, bottom)], paint, 1)
    pen.body(smooth([(24, 30), (50, 22), (76, 30), (78, 44), (50, 54), (22, 44)]), colour, 60)
    pen.fill(smooth([(34, 30), (50, 26), (66, 30), (50, 37)]), darker(colour, 0.4))
    pen.stroke(smooth([(27, 42), (50, 49), (73, 42)], closed=False), lighter(colour, 0.5), 1.4)


def tote(pen: Pen, colour: Colour) -> None:
    pen.stroke([(37, 44), (39, 18), (61, 18), (63, 44)], darker(colour, 0.32), 2.6)
    pen.body([(24, 38), (76, 38), (80, 85), (20, 85)], colour, 58)
    pen.fill([(24, 38), (76, 38), (76.3, 42), (23.7, 42)], darker(colour, 0.2))
    pen.fill(oval(50, 63, 11), lighter(colour, 0.5))
    pen.fill([(50, 54), (58, 68), (42, 68)], darker(colour, 0.3))
    pen.stroke([(36.6, 43), (36.2, 50)], darker(colour, 0.32), 2.6)
    pen.stroke([(63.4, 43), (63.8, 50)], darker(colour, 0.32), 2.6)


def backpack(pen: Pen, colour: Colour) -> None:
    pen.stroke(arc(50, 22, 9, 9, 180, 360), darker(colour, 0.36), 2.6)
    pen.fill(box(20, 46, 34, 78, 6), darker(colour, 0.22))
    pen.fill(box(66, 46, 80, 78, 6), darker(colour, 0.34))
    pen.body(box(27, 20, 73, 86, 13), colour, 58)
    pen.body(box(33, 54, 67, 80, 5), lighter(colour, 0.16), 58)
    pen.stroke([(36, 61), (64, 61)], darker(colour, 0.36), 1.2)
    pen.fill(box(27, 42, 73, 45.4), darker(colour, 0.28))
    for x in (38, 58):
        pen.fill(box(x, 36, x + 4.6, 52, 1), WOOD)
        pen.fill(box(x - 0.6, 45, x + 5.2, 49, 1), METAL)


def wallet(pen: Pen, colour: Colour) -> None:
    for n, paint in enumerate((lighter(colour, 0.6), PAPER, lighter(WOOD, 0.2))):
        pen.fill(box(26, 24 + 5 * n, 70, 60, 3), paint)
    pen.body(box(20, 38, 80, 78, 5), colour, 62)
    pen.stroke([(24, 42), (76, 42)], lighter(colour, 0.34), 0.6)
    pen.stroke([(24, 74), (76, 74)], lighter(colour, 0.34), 0.6)
    pen.body(box(60, 52, 84, 65, 5), darker(colour, 0.14), 74)
    pen.fill(oval(67, 58.5, 2.4), WOOD)


def umbrella(pen: Pen, colour: Colour) -> None:
    pen.stroke([(50, 14), (50, 78)], INK, 1.6)
    pen.stroke(arc(45.5, 78, 4.5, 5.5, 0, 180), WOOD, 2.6)
    for n, (left, right) in enumerate(((16, 33), (33, 50), (50, 67), (67, 84))):
        low = arc((left + right) / 2, 52, (right - left) / 2, 5, 360, 180)
        paint = (colour, lighter(colour, 0.3), colour, darker(colour, 0.16))[n]
        pen.fill(_panel(left, right), paint)
        pen.fill([*low, (left, 53)], paint)
    pen.fill(oval(50, 16, 1.6, 3), INK)


def _panel(left: float, right: float) -> Outline:
    """One quarter of the canopy, between two ribs that meet at the top."""
    outer, inner = (arc(50, 52, abs(x - 50), 34, 180 if x < 50 else 360, 270) for x in (left, right))
    return [*outer, *reversed(inner)]


def bottle(pen: Pen, colour: Colour) -> None:
    pen.body(box(43, 12, 57, 24, 2.4), darker(WOOD, 0.05), 52)
    pen.body(
        [
            (44, 24),
            (56, 24),
            *smooth([(56, 28), (64, 38), (65, 44)], closed=False),
            (65, 80),
            *arc(60, 81, 5, 5, 0, 90),
            *arc(40, 81, 5, 5, 90, 180),
            (35, 44),
            *smooth([(35, 44), (36, 38), (44, 28)], closed=False),
        ],
        colour,
        55,
    )
    pen.fill(box(35, 56, 65, 66), lighter(colour, 0.45))
    pen.stroke([(40, 46), (40, 53)], lighter(colour, 0.55), 1.6)
