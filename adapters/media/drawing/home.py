"""Motifs for the house: light, table, seats and what grows."""

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
    right_of,
    smooth,
)

GLOW: Colour = (255, 226, 150)
CLAY: Colour = (193, 116, 88)


def desk_lamp(pen: Pen, colour: Colour) -> None:
    pen.body(box(32, 80, 62, 84, 2), darker(colour, 0.3), 50)
    pen.stroke([(47, 80), (36, 56), (55, 33)], METAL, 2.2)
    pen.fill(oval(36, 56, 2.4), INK)
    pen.fill([(56, 39), (79, 47), (88, 76), (40, 76)], lighter(GLOW, 0.55))
    pen.body([(52, 26), (62, 24), (80, 46), (50, 50)], colour, 64)
    pen.fill(oval(65, 48, 6.5, 3.2), GLOW)


def floor_lamp(pen: Pen, colour: Colour) -> None:
    pen.stroke([(50, 42), (38, 85)], WOOD, 2)
    pen.stroke([(50, 42), (62, 85)], darker(WOOD), 2)
    pen.stroke([(50, 42), (50, 82)], darker(WOOD, 0.3), 2)
    pen.fill(oval(50, 43, 13, 3), GLOW)
    pen.body([(38, 16), (62, 16), (70, 43), (30, 43)], colour, 54)
    pen.fill([(38, 16), (62, 16), (62.6, 18), (37.4, 18)], lighter(colour))


def pendant(pen: Pen, colour: Colour) -> None:
    pen.stroke([(50, 0), (50, 34)], INK, 0.9)
    pen.fill([(28, 60), (72, 60), (84, 84), (16, 84)], lighter(GLOW, 0.55))
    pen.fill(oval(50, 60, 8, 7), GLOW)
    pen.body([*arc(50, 60, 27, 27, 180, 360)], colour, 55)
    pen.fill(box(46, 29, 54, 35, 1.5), darker(colour, 0.3))
    pen.fill(box(23, 58.5, 77, 61, 1.2), lighter(colour))


def candle(pen: Pen, colour: Colour) -> None:
    pen.fill(oval(50, 31, 13), lighter(GLOW, 0.4))
    pen.fill(smooth([(50, 20), (54.5, 32), (50, 38), (45.5, 32)]), (244, 168, 78))
    pen.fill(smooth([(50, 27), (52, 33), (50, 37), (48, 33)]), GLOW)
    pen.stroke([(50, 37), (50, 43)], INK, 0.9)
    pen.fill(oval(50, 46, 20, 5), lighter(PAPER, 0.5))
    pen.body(box(30, 45, 70, 83, 4), colour, 57)
    pen.fill(oval(50, 46, 20, 5), lighter(colour, 0.6))
    pen.stroke([(50, 40), (50, 46)], INK, 0.9)
    pen.fill(box(38, 58, 62, 72, 1), PAPER)
    pen.fill(box(42, 63, 58, 64.2), INK)
    pen.fill(box(45, 66.5, 55, 67.5), METAL)


def mug(pen: Pen, colour: Colour) -> None:
    pen.stroke(arc(67.5, 56, 12.5, 13, -85, 85), darker(colour, 0.22), 4.6)
    pen.body(
        [(28, 36), (70, 36), (68, 76), *arc(62, 76, 6, 6, 0, 90), *arc(36, 76, 6, 6, 90, 180), (30, 76)], colour, 57
    )
    pen.fill(oval(49, 36, 21, 5), lighter(colour, 0.45))
    pen.fill(oval(49, 36.8, 18.6, 3.8), (104, 70, 54))
    pen.fill(right_of([(29, 60), (69.2, 60), (68.9, 66), (29.3, 66)], 57), darker(PAPER, 0.14))
    pen.fill([(29.2, 60), (57, 60), (57, 66), (29.5, 66)], PAPER)
    for x in (42, 51):
        pen.stroke(smooth([(x, 28), (x + 2, 24), (x, 20), (x + 2, 15)], closed=False), PAPER, 1.3)


def bowl(pen: Pen, colour: Colour) -> None:
    pen.fill(box(41, 76, 59, 82, 1.5), darker(colour, 0.3))
    pen.body(arc(50, 48, 32, 31, 0, 180), colour, 58)
    pen.fill(oval(50, 48, 32, 7), lighter(colour, 0.4))
    pen.fill(oval(50, 49, 28.6, 5.2), darker(colour, 0.3))
    pen.fill(oval(42, 47, 7, 6), (222, 148, 72))
    pen.fill(oval(55, 46.5, 7.5, 6.5), (232, 172, 86))
    pen.stroke([(55, 40), (57, 36)], LEAF, 1.2)


def plate(pen: Pen, colour: Colour) -> None:
    pen.body(oval(50, 52, 33), colour, 60)
    pen.fill(oval(50, 52, 30.5), lighter(colour, 0.25))
    pen.fill(oval(50, 52, 21), darker(colour, 0.08))
    pen.fill(oval(50, 52, 20), lighter(colour, 0.4))
    for turn in range(0, 360, 30):
        x, y = arc(50, 52, 25.6, 25.6, turn, turn)[0]
        pen.fill(oval(x, y, 1.2), darker(colour, 0.3))


def kettle(pen: Pen, colour: Colour) -> None:
    pen.stroke(arc(50, 40, 19, 19, 190, 350), INK, 3)
    pen.fill([(69, 54), (88, 40), (91, 43), (74, 68)], darker(colour, 0.28))
    pen.body([*arc(50, 62, 26, 26, 180, 360), *arc(70, 76, 6, 6, 0, 90), *arc(30, 76, 6, 6, 90, 180)], colour, 56)
    pen.fill(oval(50, 38, 11, 3), darker(colour, 0.3))
    pen.fill(oval(50, 34.4, 3), WOOD)
    pen.stroke(arc(50, 62, 20, 20, 195, 235), lighter(colour, 0.4), 1.8)


def board(pen: Pen, colour: Colour) -> None:
    pen.body([*box(45, 14, 55, 36, 5)], colour, 52)
    pen.body(box(29, 31, 71, 84, 7), colour, 56)
    pen.fill(oval(50, 20, 2.2), PAPER)
    for x, top, bottom in ((36, 40, 74), (43, 46, 80), (50, 38, 70), (57, 48, 78), (64, 42, 66)):
        pen.stroke([(x, top), (x, bottom)], darker(colour, 0.24), 0.7)


def chair(pen: Pen, colour: Colour) -> None:
    for x, lean in ((34, -3), (66, 3)):
        pen.stroke([(x, 60), (x + lean, 86)], darker(WOOD, 0.12), 2.6)
    for x in (40, 60):
        pen.stroke([(x, 60), (x, 80)], darker(WOOD, 0.35), 2.2)
    pen.stroke([(35, 58), (33, 24)], WOOD, 2.6)
    pen.stroke([(65, 58), (67, 24)], darker(WOOD), 2.6)
    pen.body(box(31, 17, 69, 39, 6), colour, 56)
    pen.body(box(29, 54, 71, 62, 3.6), lighter(colour, 0.12), 56)


def armchair(pen: Pen, colour: Colour) -> None:
    for x in (29, 71):
        pen.stroke([(x, 76), (x + (x - 50) / 10, 87)], WOOD, 2.4)
    pen.body(box(27, 22, 73, 70, 11), colour, 57)
    pen.fill(box(31, 52, 69, 66, 4), lighter(colour, 0.22))
    pen.body(box(28, 64, 72, 78, 3), darker(colour, 0.08), 57)
    pen.body(box(17, 46, 33, 79, 7), lighter(colour, 0.08), 30)
    pen.body(box(67, 46, 83, 79, 7), darker(colour, 0.05), 72)


def stool(pen: Pen, colour: Colour) -> None:
    pen.stroke([(42, 44), (32, 85)], WOOD, 3)
    pen.stroke([(50, 44), (50, 82)], darker(WOOD, 0.3), 2.6)
    pen.stroke([(58, 44), (68, 85)], darker(WOOD), 3)
    pen.stroke([(37.5, 66), (62.5, 66)], darker(WOOD, 0.2), 2)
    pen.body(box(27, 37, 73, 46, 4), colour, 56)
    pen.fill(oval(50, 38.5, 23, 4.5), lighter(colour, 0.3))


def shelf(pen: Pen, colour: Colour) -> None:
    pen.body(box(24, 16, 76, 86, 2), colour, 60)
    for top in (20, 42, 64):
        pen.fill(box(28, top, 72, top + 18), darker(colour, 0.34))
    books = ((30, 25, CLAY), (34, 22, PAPER), (38, 27, LEAF), (62, 47, INK), (66, 50, CLAY))
    for x, top, paint in books:
        pen.fill(box(x, top, x + 3.4, 38 if top < 40 else 60), paint)
    pen.fill(box(54, 31, 63, 38, 1.5), PAPER)
    pen.fill(smooth([(58, 31), (53, 25), (58, 21), (64, 25)]), LEAF)
    pen.fill(oval(38, 54, 6), GLOW)
    pen.fill(box(34, 71, 66, 82, 1.5), darker(WOOD, 0.1))
    pen.fill(box(46, 75, 54, 77, 1), PAPER)


def cushion(pen: Pen, colour: Colour) -> None:
    edge = [(20, 28), (50, 31), (80, 28), (77, 53), (80, 80), (50, 77), (20, 80), (23, 53)]
    pen.body(smooth(edge), colour, 60)
    for x in (32.0, 41.0, 50.0, 59.0, 68.0):
        pen.stroke([(x, 36), (x, 72)], lighter(colour, 0.45), 1.4)
    for x in (36.5, 63.5):
        pen.stroke([(x, 36), (x, 72)], darker(colour, 0.3), 0.8)


def blanket(pen: Pen, colour: Colour) -> None:
    for n, top in enumerate((64, 49, 34)):
        pen.body(box(22, top, 78, top + 17, 7), (colour, lighter(colour, 0.28), darker(colour, 0.1))[n], 60)
        pen.stroke([(26, top + 12), (70, top + 12)], lighter(colour, 0.55), 0.9)
    pen.fill(box(30, 33, 39, 79), lighter(colour, 0.55))
    pen.fill(box(32, 33, 33.4, 79), darker(colour, 0.3))
    for x in range(26, 76, 4):
        pen.stroke([(x, 80), (x, 85)], darker(colour, 0.2), 0.9)


def plant(pen: Pen, colour: Colour) -> None:
    leaves = ((50, 12, 0), (34, 18, -12), (66, 18, 12), (24, 34, -18), (76, 34, 18), (40, 26, -5), (60, 26, 5))
    for n, (x, y, lean) in enumerate(leaves):
        green = darker(LEAF, 0.08 * (n % 3)) if n % 2 else lighter(LEAF, 0.12)
        pen.fill(smooth([(50, 62), (x - 6 + lean / 3, y + 18), (x, y), (x + 6 + lean / 3, y + 18)]), green)
        pen.stroke([(50, 60), (x, y + 6)], darker(LEAF, 0.35), 0.5)
    pen.body([(33, 58), (67, 58), (62, 85), (38, 85)], colour, 55)
    pen.body(box(31, 54, 69, 61, 2), lighter(colour, 0.14), 55)


def pot(pen: Pen, colour: Colour) -> None:
    for x, lean in ((41, -3), (50, 0), (59, 3)):
        pen.stroke(smooth([(50, 52), (x, 40), (x + lean, 24)], closed=False), LEAF, 1.3)
        for y, side in ((40, -1), (34, 1), (28, -1)):
            tip = (x + lean / 2 + side * 6, y - 3)
            pen.fill(
                smooth([(x + lean / 2, y), (tip[0], tip[1] - 2), (tip[0] + side, tip[1] + 2)]), lighter(LEAF, 0.15)
            )
    pen.body(smooth([(30, 52), (70, 52), (76, 68), (62, 84), (38, 84), (24, 68)]), colour, 58)
    pen.fill(oval(50, 52.5, 19, 4.4), darker(colour, 0.4))
    pen.stroke(smooth([(26, 67), (40, 70), (60, 70), (74, 67)], closed=False), lighter(colour, 0.45), 1.6)


def vase(pen: Pen, colour: Colour) -> None:
    for x, y, bloom in ((38, 18, CLAY), (50, 12, GLOW), (62, 20, PAPER)):
        pen.stroke(smooth([(50, 50), ((x + 50) / 2, 36), (x, y)], closed=False), LEAF, 1.2)
        for turn in range(0, 360, 60):
            petal = arc(x, y, 3.4, 3.4, turn, turn)[0]
            pen.fill(oval(*petal, 2.4), bloom)
        pen.fill(oval(x, y, 2), darker(GLOW, 0.3))
    pen.body(smooth([(44, 42), (56, 42), (57, 52), (68, 66), (62, 84), (38, 84), (32, 66), (43, 52)]), colour, 55)
    pen.fill(oval(50, 42, 7, 1.8), darker(colour, 0.35))
