"""What people find: queries over the sample catalogue, and what has to come first."""

import pytest
from dishka import AsyncContainer

from application.ports import PageRequest, Store
from application.sample.load import LoadSample
from application.search.index import Query, SearchIndex
from tests.builders import a_category, a_product

GENERATED = 300
RIGHT = 0.95

# What is typed, and the name of the first hit: None where nothing may be found, with ~ a part of it.
QUERIES: list[tuple[str, str | None]] = [
    # just so
    ("oak desk lamp", "Oak Desk Lamp"),
    ("Herb Pot", "Herb Pot"),
    ("kitchen radio", "Kitchen Radio"),
    ("ALARM CLOCK", "Alarm Clock"),
    ("  ridge   tent ", "Ridge Tent"),
    ("cloth-bound notebook", "Cloth-bound Notebook"),
    ("cloth bound notebook", "Cloth-bound Notebook"),
    ("chore jacket", "Chore Jacket"),
    # typing errors
    ("oak desk lapm", "Oak Desk Lamp"),
    ("tripod flor lamp", "Tripod Floor Lamp"),
    ("turntabel", "~Turntable"),
    ("belt drive turntabel", "Belt-drive Turntable"),
    ("headphnes", "~Headphones"),
    ("studio haedphones", "Studio Headphones"),
    ("umbrela", "~Umbrella"),
    ("stick umbrelle", "Stick Umbrella"),
    ("bakcpack", "~Backpack"),
    ("comuter backpack", "Commuter Backpack"),
    ("teracotta planter", "Terracotta Planter"),
    ("fisherman jumpr", "Fisherman Jumper"),
    ("lambswol scarf", "Lambswool Scarf"),
    ("whisling ketle", "Whistling Kettle"),
    ("corduroi cap", "Corduroy Cap"),
    ("bivuac tent", "Bivouac Tent"),
    ("lmap", "~Lamp"),
    ("fontain pen", "~Fountain Pen"),
    # beginnings
    ("umbr", "~Umbrella"),
    ("turnt", "~Turntable"),
    ("terrac", "Terracotta Planter"),
    ("oak desk la", "Oak Desk Lamp"),
    ("whistl", "Whistling Kettle"),
    ("fisher", "Fisherman Jumper"),
    ("belt-dr", "Belt-drive Turntable"),
    # plurals and other forms
    ("desk lamps", "~Desk Lamp"),
    ("alarm clocks", "Alarm Clock"),
    ("nesting bowl", "Nesting Bowls"),
    ("drawing pencil", "Drawing Pencils"),
    ("striped sock", "Striped Socks"),
    ("herb pots", "Herb Pot"),
    ("lambswool scarves", "Lambswool Scarf"),
    ("armchairs", "~Armchair"),
    ("fireside candles", "Fireside Candle"),
    # word order
    ("lamp oak desk", "Oak Desk Lamp"),
    ("kettle whistling", "Whistling Kettle"),
    ("pen fountain copper", "Copper Fountain Pen"),
    ("shirt collar camp", "Camp Collar Shirt"),
    ("jumper isle fair", "Fair Isle Jumper"),
    # accents, French and German, with and without
    ("café crème", "Café Crème Mug"),
    ("cafe creme mug", "Café Crème Mug"),
    ("PATISSERIE", "Pâtisserie Board"),
    ("pâtisserie board", "Pâtisserie Board"),
    ("resume notebook", "Résumé Notebook"),
    ("maté", "Maté Flask"),
    ("küchenmesser", "Küchenmesser"),
    ("kuechenmesser", "Küchenmesser"),
    ("kuchenmesser", "Küchenmesser"),
    ("straßenlaterne", "Straßenlaterne"),
    ("strassenlaterne", "Straßenlaterne"),
    ("moebeloel", "Möbelöl"),
    ("Kücenmesser", "Küchenmesser"),
    ("rhone", "~Rhône"),
    ("solveig", "~Sólveig"),
    # numbers
    ("TP-OAK-DESK-LAMP", "Oak Desk Lamp"),
    ("tp-oak-desk-lamp-walnut", "Oak Desk Lamp"),
    ("tp-herb-pot", "Herb Pot"),
    ("TP-STATION-CLOCK", "Station Clock"),
    # what it is kept under, made of, for
    ("lighting pendant dome", "Dome Pendant"),
    ("furniture schoolroom", "Schoolroom Chair"),
    ("stationery ledger", "Ledger Fountain Pen"),
    ("walnut oak desk lamp", "Oak Desk Lamp"),
    ("lamp for reading harbour", "Harbour Floor Lamp"),
    ("the market tote", "Market Tote"),
    # two in one
    ("bookcase", "~Bookcase"),
    ("deskclock", "~Clock"),
    # nothing
    ("xqzvkw", None),
    ("qwertyuiop asdfgh", None),
    ("oak desk xqzvkw", None),
    ("9999999999", None),
    ("!!!", None),
    ("'; drop table product; --", None),
]


@pytest.fixture
async def index(container: AsyncContainer, store: Store) -> SearchIndex:
    load = await container.get(LoadSample)
    await load(GENERATED)
    kitchen = a_category("Küche")
    async with store.transaction() as tx:
        await tx.categories.save([kitchen])
        await tx.products.save(
            [
                a_product("Küchenmesser", slug="kuechenmesser", category=kitchen.id),
                a_product("Straßenlaterne", slug="strassenlaterne"),
                a_product("Möbelöl", slug="moebeloel"),
            ]
        )
    found: SearchIndex = await container.get(SearchIndex)
    return found


async def first_of(index: SearchIndex, typed: str) -> str | None:
    found = await index.search(Query(q=typed), PageRequest(3))
    return found.results[0].name if found.results else None


def is_right(found: str | None, wanted: str | None) -> bool:
    if wanted is None or found is None:
        return found is wanted
    return wanted.removeprefix("~") in found if wanted.startswith("~") else found == wanted


async def test_what_is_meant_comes_first(index: SearchIndex) -> None:
    assert len(QUERIES) >= 60
    firsts = {typed: await first_of(index, typed) for typed, _ in QUERIES}
    wrong = {typed: (firsts[typed], wanted) for typed, wanted in QUERIES if not is_right(firsts[typed], wanted)}
    assert len(wrong) <= len(QUERIES) * (1 - RIGHT), wrong
