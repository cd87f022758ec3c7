"""What every store of carts must do."""

from asyncio import gather
from datetime import timedelta
from uuid import uuid4

import pytest
from dishka import AsyncContainer

from application.cart import Baskets, merge_carts
from application.ports import StaleWrite, Store
from domain.accounts import GuestId, Owner, User, UserId, UserNotFound
from domain.cart import Article, Basket, CartId, ItemId
from domain.catalog import Product, ProductNotFound
from domain.inventory import InsufficientStock, Sku
from domain.variants import VariantId, VariantNotFound, VariantRequired
from tests.builders import NOW, a_product, a_shelf, a_variant, new_id, usd

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def ann(store: Store) -> UserId:
    user = User.register(UserId(uuid4()), "ann@example.com", "x", NOW)
    async with store.transaction() as tx:
        await tx.users.save(user)
    return user.id


@pytest.fixture
async def lamp(store: Store) -> Product:
    return await saved(store, a_product("Lamp", sku="LAMP", price="19.99"), LAMP=3)


@pytest.fixture
async def baskets(container: AsyncContainer) -> Baskets:
    found: Baskets = await container.get(Baskets)
    return found


async def saved(store: Store, product: Product, **pieces: int) -> Product:
    async with store.transaction() as tx:
        await tx.products.save([product])
        await tx.stock.save(a_shelf(**pieces))
    return product


async def put(store: Store, user: Owner, article: Article, quantity: int = 1) -> Basket:
    async with store.transaction() as tx:
        basket = await tx.carts.open_of(user, CartId(uuid4()), NOW, adding=article)
        basket.add(ItemId(uuid4()), article, quantity, NOW)
        await tx.carts.save(basket.cart)
    return basket


async def test_what_was_put_into_a_cart_is_in_it(store: Store, baskets: Baskets, ann: UserId, lamp: Product) -> None:
    written = await put(store, ann, (lamp.id, None), 2)
    async with store.transaction() as tx:
        found = await tx.carts.find_of(ann)
    assert found is not None
    assert (found.cart.items, found.cart.id, found.cart.version) == (written.cart.items, written.cart.id, 1)
    assert found == replace_cart(await baskets.of(ann), found)
    assert [(offer.sku, quantity, str(offer.price)) for offer, quantity in found.priced()] == [("LAMP", 2, "19.99")]
    assert found.offers == {(lamp.id, None): lamp.offer(None)}
    with pytest.raises(InsufficientStock):
        found.add(ItemId(uuid4()), (lamp.id, None), 2, NOW)


def replace_cart(basket: Basket | None, other: Basket) -> Basket:
    """Carts are compared by their fields, baskets by the rest."""
    assert basket is not None
    for name in ("id", "owner", "items", "version", "updated_at"):
        assert getattr(basket.cart, name) == getattr(other.cart, name)
    basket.cart = other.cart
    return basket


async def test_who_put_nothing_in_has_no_cart(store: Store, baskets: Baskets, ann: UserId) -> None:
    assert await baskets.of(ann) is None
    async with store.transaction() as tx:
        assert await tx.carts.find_of(ann) is None


async def test_a_cart_is_opened_once_under_the_first_id(store: Store, ann: UserId) -> None:
    first, second = CartId(uuid4()), CartId(uuid4())
    for wanted in (first, second):
        async with store.transaction() as tx:
            basket = await tx.carts.open_of(ann, wanted, NOW)
            assert (basket.cart.id, basket.cart.items, basket.cart.owner) == (first, [], ann)


async def test_an_article_comes_with_its_offer_before_it_is_in(store: Store, ann: UserId, lamp: Product) -> None:
    async with store.transaction() as tx:
        basket = await tx.carts.open_of(ann, CartId(uuid4()), NOW, adding=(lamp.id, None))
    assert basket.cart.items == []
    assert (basket.offers, basket.available) == ({(lamp.id, None): lamp.offer(None)}, {"LAMP": 3})


async def test_an_article_that_does_not_exist_is_said_to_be_so(store: Store, ann: UserId, lamp: Product) -> None:
    cup = await saved(store, a_product("Cup", variants=(a_variant("Red", "CUP-R"),)))
    wrong: list[tuple[Article, type[Exception]]] = [
        ((a_product().id, None), ProductNotFound),
        ((a_product().id, VariantId(uuid4())), ProductNotFound),
        ((lamp.id, VariantId(uuid4())), VariantNotFound),
        ((cup.id, None), VariantRequired),
        ((lamp.id, cup.variants[0].id), VariantNotFound),
    ]
    for article, error in wrong:
        async with store.transaction() as tx:
            with pytest.raises(error):
                await tx.carts.open_of(ann, CartId(uuid4()), NOW, adding=article)


async def test_who_has_no_account_gets_no_cart(store: Store) -> None:
    with pytest.raises(UserNotFound):
        async with store.transaction() as tx:
            await tx.carts.open_of(UserId(uuid4()), CartId(uuid4()), NOW)


async def test_offers_are_todays(store: Store, baskets: Baskets, ann: UserId, lamp: Product) -> None:
    await put(store, ann, (lamp.id, None))
    async with store.transaction() as tx:
        product = await tx.products.get(lamp.id)
        product.change(LATER, price=usd("25"), name="Big lamp")
        await tx.products.save([product])
        shelf = await tx.stock.take([Sku("LAMP")])
        shelf[Sku("LAMP")].reserve(2, uuid4(), LATER)
        await tx.stock.save(shelf)
    basket = await baskets.of(ann)
    assert basket is not None
    assert (basket.offers[lamp.id, None].price, basket.offers[lamp.id, None].product_name) == (usd("25"), "Big lamp")
    assert basket.available == {"LAMP": 1}


async def test_what_is_not_counted_is_never_short_and_what_is_counted_but_not_stocked_is(
    store: Store, baskets: Baskets, ann: UserId
) -> None:
    gift = await saved(store, a_product("Gift", sku="GIFT", track_inventory=False))
    desk = await saved(store, a_product("Desk", sku="DESK"), DESK=1)
    await put(store, ann, (gift.id, None), 9_999)
    await put(store, ann, (desk.id, None))
    async with store.transaction() as tx:
        shelf = await tx.stock.take([Sku("DESK")])
        shelf[Sku("DESK")].adjust(-1, LATER, "lost")
        await tx.stock.remove(shelf)
    basket = await baskets.of(ann)
    assert basket is not None
    assert basket.available == {"DESK": 0}


async def test_variants_are_offered_each_with_its_own_price_and_stock(
    store: Store, baskets: Baskets, ann: UserId
) -> None:
    red, blue = a_variant("Red", "CUP-R", price=usd("7")), a_variant("Blue", "CUP-B", is_active=False)
    shelf = {"CUP-R": 4, "CUP-B": 2}
    cup = await saved(store, a_product("Cup", price="5", variants=(red, blue)), **shelf)
    await put(store, ann, (cup.id, red.id), 2)
    async with store.transaction() as tx:
        basket = await tx.carts.open_of(ann, CartId(uuid4()), NOW, adding=(cup.id, blue.id))
    assert basket.offers == {(cup.id, red.id): cup.offer(red.id), (cup.id, blue.id): cup.offer(blue.id)}
    assert basket.available == {"CUP-R": 4, "CUP-B": 2}
    assert [offer.on_sale for offer in basket.offers.values()] == [True, False]


async def test_a_product_that_is_gone_has_no_offer(store: Store, baskets: Baskets, ann: UserId, lamp: Product) -> None:
    await put(store, ann, (lamp.id, None))
    async with store.transaction() as tx:
        await tx.products.remove([await tx.products.get(lamp.id)])
    basket = await baskets.of(ann)
    assert basket is not None
    assert (len(basket.cart.items), basket.offers, basket.available) == (1, {}, {})


async def test_a_cart_that_changed_meanwhile_is_not_overwritten(store: Store, ann: UserId, lamp: Product) -> None:
    await put(store, ann, (lamp.id, None))
    async with store.transaction() as tx:
        stale = await tx.carts.find_of(ann)
    assert stale is not None
    await put(store, ann, (lamp.id, None))
    stale.cart.clear(LATER)
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.carts.save(stale.cart)
    async with store.transaction() as tx:
        kept = await tx.carts.find_of(ann)
    assert kept is not None
    assert ([item.quantity for item in kept.cart.items], kept.cart.version) == ([2], 2)


async def test_a_failed_transaction_leaves_the_cart_alone(store: Store, ann: UserId, lamp: Product) -> None:
    await put(store, ann, (lamp.id, None))
    with pytest.raises(ZeroDivisionError):
        async with store.transaction() as tx:
            basket = await tx.carts.open_of(ann, CartId(uuid4()), NOW)
            basket.cart.clear(LATER)
            await tx.carts.save(basket.cart)
            raise ZeroDivisionError
    async with store.transaction() as tx:
        kept = await tx.carts.find_of(ann)
    assert kept is not None
    assert [item.quantity for item in kept.cart.items] == [1]


async def test_takers_wait_for_each_other_and_the_first_items_share_one_cart(
    store: Store, ann: UserId, lamp: Product
) -> None:
    desk = await saved(store, a_product("Desk", sku="DESK"), DESK=9)
    articles: list[Article] = [(lamp.id, None), (desk.id, None)] * 3
    await gather(*(put(store, ann, article) for article in articles))
    async with store.transaction() as tx:
        found = await tx.carts.find_of(ann)
    assert found is not None
    assert sorted(item.quantity for item in found.cart.items) == [3, 3]
    assert found.cart.version == 6


async def test_a_guest_has_a_cart_of_their_own(store: Store, baskets: Baskets, ann: UserId, lamp: Product) -> None:
    guest, other = GuestId(b"g" * 32), GuestId(b"o" * 32)
    written = await put(store, guest, (lamp.id, None), 2)
    found = await baskets.of(guest)
    assert found is not None
    assert (found.cart.id, found.cart.owner, found.cart.items) == (written.cart.id, guest, written.cart.items)
    assert (await baskets.of(other), await baskets.of(ann)) == (None, None)
    async with store.transaction() as tx:
        assert (await tx.carts.take_of(other), await tx.carts.find_of(other)) == (None, None)


async def test_a_removed_cart_is_gone_and_one_that_changed_meanwhile_is_not_removed(
    store: Store, baskets: Baskets, lamp: Product
) -> None:
    guest = GuestId(b"g" * 32)
    stale = (await put(store, guest, (lamp.id, None))).cart
    kept = (await put(store, guest, (lamp.id, None))).cart
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.carts.remove(stale)
    async with store.transaction() as tx:
        await tx.carts.remove(kept)
    assert await baskets.of(guest) is None
    with pytest.raises(StaleWrite):
        async with store.transaction() as tx:
            await tx.carts.save(kept)


async def test_who_waited_for_a_cart_that_is_removed_finds_none(store: Store, ann: UserId, lamp: Product) -> None:
    """A guest who signs in twice at once takes the cart along once."""
    guest = GuestId(b"g" * 32)
    await put(store, guest, (lamp.id, None), 2)

    async def merge() -> None:
        async with store.transaction() as tx:
            await merge_carts(tx, guest, ann, new_id, NOW)

    await gather(*(merge() for _ in range(6)))
    async with store.transaction() as tx:
        merged = await tx.carts.find_of(ann)
    assert merged is not None
    assert ([item.quantity for item in merged.cart.items], merged.cart.version) == ([2], 1)
