"""What is measured: requests to the shop, and the same reading as pgbench does it."""

import random
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from adapters.postgres.catalog import views
from adapters.postgres.catalog.listing import listing
from adapters.postgres.ordering import BY_NUMBER
from application.catalog.wishes import ProductFilter
from domain.money import Money
from tests.benchmarks.client import Feed, request
from tests.benchmarks.crowd import Crowd
from tests.benchmarks.pgbench import Expression

CACHED = "list of 20, kept"
LIMITED = "list of 20, kept, limits on"
VISITS = "visits, kept"
LIST = "list of 20"
DETAIL = "detail by slug"
FILTERED = "list by category and price"
CATEGORIES = "categories"
ORDER = "order detail"
CART = "cart"
ADD = "add to cart"
CHECKOUT = "checkout of 3 lines"
CONFIRM = "orders confirmed by mail"
HOT = "50 at once after 100 units"
POPULAR = "checkout of one product that everybody wants"
ALL = (
    CACHED,
    LIMITED,
    VISITS,
    LIST,
    DETAIL,
    FILTERED,
    CATEGORIES,
    CART,
    ADD,
    CHECKOUT,
    ORDER,
)  # by HTTP, whose figures stand in the table

PAGE = 20
FILTERS = ProductFilter(category="lighting", min_price=Money(5000, "USD"), max_price=Money(10000, "USD"))
NAVIGATION = "categories/?tree=true"
LISTS = ("products/", "products/?ordering=-popularity", "products/?is_on_sale=true", "products/?ordering=price")
SHELVES = ("lighting", "clothing", "furniture", "audio", "bags", "camp")
WORDS = ("lamp", "shirt", "desk", "tent", "chair", "mug", "bag", "speaker")
FILTERED_PATH = "/api/products/products/?category=lighting&min_price=50.00&max_price=100.00"


@dataclass(frozen=True, slots=True)
class Reading:
    """Requests that change nothing, and the one statement behind each."""

    name: str
    requests: Callable[[int], bytes]  # of a number from 1 to `top`
    sql: str
    values: Sequence[Any]
    top: int

    def feed(self, connection: int, connections: int) -> Feed:
        """Random numbers of the connection's own share, without end."""
        share = [self.requests(n) for n in range(connection + 1, self.top + 1, connections)]
        return (random.choice(share) for _ in iter(int, 1))


def catalogue(products: int) -> list[Reading]:
    """Everybody's readings."""
    plain, filtered = listing(ProductFilter(), PAGE, None, staff=False), listing(FILTERS, PAGE, None, staff=False)

    def always(path: str) -> Callable[[int], bytes]:
        asked = request("GET", path)
        return lambda _: asked

    def detail(product: int) -> bytes:
        return request("GET", f"/api/products/products/p-{product}/")

    slug = Expression("('p-' || :n)")
    return [
        Reading(LIST, always("/api/products/products/"), plain.sql, plain.arguments, products),
        Reading(
            DETAIL,
            lambda n: request("GET", f"/api/products/products/p-{n}/"),
            views.DETAIL,
            [slug, None, False],
            products,
        ),
        Reading(FILTERED, always(FILTERED_PATH), filtered.sql, filtered.arguments, products),
        Reading(CATEGORIES, always("/api/products/categories/"), views.CATEGORIES, [], products),
    ]


def visits(products: int, connection: int) -> Feed:
    """Somebody looks around, page by page, each with the calls that a storefront makes for it.

    Of 10 pages 2 are the front page, 3 a category's, 4 a product's and 1 a search. Which one is looked at follows
    Zipf's law: the nth is wanted a nth as often as the first.
    """
    choose = random.Random(connection)
    weights = list(accumulate(1 / n for n in range(1, products + 1)))

    def one_of(many: int) -> int:
        return bisect(weights, choose.random() * weights[many - 1])

    def page() -> Sequence[str]:
        match choose.randrange(10):
            case 0 | 1:
                return NAVIGATION, "products/featured/", LISTS[one_of(len(LISTS))]
            case 2 | 3 | 4:
                return NAVIGATION, f"categories/{SHELVES[one_of(len(SHELVES))]}/products/"
            case 5:
                return (f"products/?search={WORDS[one_of(len(WORDS))]}",)
            case _:
                return NAVIGATION, f"products/p-{one_of(products) + 1}/"

    return (request("GET", f"/api/products/{call}") for _ in iter(int, 1) for call in page())


def orders(crowd: Crowd) -> Reading:
    """Each customer's one order, by its number."""

    def show(customer: int) -> bytes:
        return request("GET", f"/api/orders/orders/ORD-{customer}/", crowd.tokens[customer])

    return Reading(ORDER, show, BY_NUMBER, [Expression("('ORD-' || :n)")], crowd.size)


def steps(crowd: Crowd) -> list[tuple[str, Callable[[int], bytes]]]:
    """What a customer does, one after another, with a cart of two things."""
    return [(CART, crowd.look), (ADD, crowd.add), (CHECKOUT, crowd.check_out)]


def each(make: Callable[[int], bytes], customers: int, connections: int) -> list[Feed]:
    """One request of each customer, who keep to their connections."""

    def share(connection: int) -> Iterator[bytes]:
        return iter([make(n) for n in range(connection + 1, customers + 1, connections)])

    return [share(connection) for connection in range(connections)]
