"""The shelves of the sample shop, in two levels, and what lies on them."""

from application.sample import home, outdoors, rooms, sound, wardrobe, workspace
from application.sample.goods import Good, Shelf

ABOUT = {
    "Home": "Things for the rooms you live in.",
    "Workspace": "Things for the desk, wherever it stands.",
    "Wardrobe": "Things to wear and to carry.",
    "Sound": "Things to listen with.",
    "Outdoors": "Things for days without a roof.",
    "Lighting": "Lamps for reading, eating and seeing in the new year.",
    "Kitchen & Table": "What food is made with, and what it is put on.",
    "Furniture": "Seats and shelves.",
    "Textiles": "Cushions and blankets.",
    "Plants & Pots": "Pots, planters and vases.",
    "Stationery": "Paper, and what to write on it with.",
    "Desk": "Order, and the time of day.",
    "Clothing": "Shirts, knits and jackets.",
    "Accessories": "Head to toe.",
    "Bags": "From a card to a week's luggage.",
    "Audio": "Speakers, radios and headphones.",
    "Camp": "For the night.",
    "Trail": "For the way.",
}
CATALOG: dict[Shelf, tuple[Good, ...]] = {
    ("Home", "Lighting"): home.LIGHTING,
    ("Home", "Kitchen & Table"): home.KITCHEN,
    ("Home", "Furniture"): rooms.FURNITURE,
    ("Home", "Textiles"): rooms.TEXTILES,
    ("Home", "Plants & Pots"): rooms.PLANTS,
    ("Workspace", "Stationery"): workspace.STATIONERY,
    ("Workspace", "Desk"): workspace.DESK,
    ("Wardrobe", "Clothing"): wardrobe.CLOTHING,
    ("Wardrobe", "Accessories"): wardrobe.ACCESSORIES,
    ("Wardrobe", "Bags"): wardrobe.BAGS,
    ("Sound", "Audio"): sound.AUDIO,
    ("Outdoors", "Camp"): outdoors.CAMP,
    ("Outdoors", "Trail"): outdoors.TRAIL,
}
