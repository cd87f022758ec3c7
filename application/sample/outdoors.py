"""Sample goods for the trail."""

from application.sample.goods import Good

CAMP = (
    Good(
        name="Storm Lantern",
        price=4900,
        motif="lantern",
        colour="clay",
        text="A paraffin lantern that stays lit in wind. Fuel is not included.",
        options={"Colour": ("Clay", "Forest")},
        tags=("light",),
    ),
    Good(
        name="Camp Lantern",
        price=5900,
        motif="lantern",
        colour="mustard",
        text="LEDs that dim down to candlelight; charges over USB-C.",
        stock=(5,),
        tags=("light", "usb"),
    ),
    Good(
        name="Ridge Tent",
        price=34900,
        motif="tent",
        colour="sky",
        text="A two-person tent of cotton canvas on one pole. Pitches in five minutes.",
        options={"Sleeps": ("2", "4")},
        extra={"4": 15000},
        tags=("canvas",),
    ),
    Good(
        name="Bivouac Tent",
        price=22900,
        motif="tent",
        colour="forest",
        text="One person, 1.4 kg, three seasons.",
        was=25900,
        stock=(2,),
        tags=("light weight",),
    ),
)

TRAIL = (
    Good(
        name="Steel Bottle",
        price=2600,
        motif="bottle",
        colour="teal",
        text="Single-walled steel with a cork-lined cap. Light, loud and unbreakable.",
        options={"Size": ("500 ml", "750 ml"), "Colour": ("Teal", "Charcoal", "Rose")},
        extra={"750 ml": 500},
        tags=("steel",),
    ),
    Good(
        name="Glass Bottle",
        price=2200,
        motif="bottle",
        colour="sage",
        text="Borosilicate glass in a sleeve, for those who taste the metal.",
        stock=(0,),
        tags=("glass",),
    ),
    Good(
        name="Summit Flask",
        price=3900,
        motif="flask",
        colour="navy",
        text="Vacuum-walled: hot for twelve hours, cold for twenty-four.",
        options={"Size": ("0.5 l", "1 l")},
        extra={"1 l": 900},
        tags=("steel",),
    ),
    Good(
        name="Maté Flask",
        price=4400,
        motif="flask",
        colour="clay",
        text="A flask with a narrow pour, for maté, tea and patience.",
        options={"Colour": ("Clay", "Indigo")},
        was=4900,
        tags=("steel", "tea"),
    ),
)
