"""Sample goods to listen with."""

from application.sample.goods import Good

AUDIO = (
    Good(
        name="Bookshelf Speaker",
        price=24900,
        motif="speaker",
        colour="walnut",
        text="A pair of two-way speakers in real veneer. They need an amplifier.",
        options={"Finish": ("Walnut", "Charcoal", "White")},
        tags=("hi-fi",),
    ),
    Good(
        name="Monitor Speaker",
        price=32900,
        motif="speaker",
        colour="navy",
        text="An active pair with balanced inputs, for desks where sound is made.",
        was=36900,
        stock=(3,),
        tags=("hi-fi", "studio"),
    ),
    Good(
        name="Kitchen Radio",
        price=8900,
        motif="radio",
        colour="sage",
        text="FM and DAB+, one knob for each thing, and a handle.",
        options={"Colour": ("Sage", "Cream", "Rose")},
        tags=("radio", "kitchen"),
    ),
    Good(
        name="Belt-drive Turntable",
        price=29900,
        motif="turntable",
        colour="forest",
        text="Two speeds, a switchable preamplifier and a cartridge that you can replace.",
        options={"Colour": ("Forest", "Walnut")},
        tags=("hi-fi", "vinyl"),
    ),
    Good(
        name="Studio Headphones",
        price=15900,
        motif="headphones",
        colour="charcoal",
        text="Closed and comfortable, with a cable that comes off at both ends.",
        options={"Colour": ("Charcoal", "White")},
        tags=("studio",),
    ),
    Good(
        name="Commuter Headphones",
        price=19900,
        motif="headphones",
        colour="teal",
        text="Wireless, with thirty hours in the battery and buttons that you can feel.",
        options={"Colour": ("Teal", "Rose", "Navy")},
        was=22900,
        tags=("travel",),
    ),
)
