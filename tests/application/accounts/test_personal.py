"""One's own data: all that is held is handed out, and all that is not the books' goes."""

import asyncio
import io
import json
import re
import zipfile
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from application.accounts.addresses import NewAddress, SaveAddress
from application.accounts.email import EmailChange, RequestEmailChange
from application.accounts.passwords import RequestPasswordReset, ResetWish
from application.accounts.personal import EraseAccount, ExportPersonalData
from application.accounts.registering import Register, Registration
from application.accounts.sessions import Credentials, LogIn, RefreshTokens
from application.ordering import OrderView
from application.ports import Store
from domain.accounts import Actor, InvalidCredentials, NotAuthenticated, Role, TokenInvalid
from domain.addresses import AddressType
from domain.cart import CartEmpty
from domain.ordering import OrderId
from domain.personal import OpenOrders
from entrypoints.shop import SOMEWHERE, Customer, Shop

PASSWORD = "a lamp in the attic"
EMAIL = "ada.lovelace@example.com"
HOME = replace(SOMEWHERE, full_name="Ada Lovelace", address_line1="12 St James's Square", city="London", country="GB")
# What would tell of her, wherever it stood.
TRACES = ("ada", "lovelace", "st james", "london", "1815", "leave it with the porter", "too dear")


async def ada(shop: Shop) -> Customer:
    form = Registration(
        email=EMAIL, password=PASSWORD, username="ada", first_name="Ada", last_name="Lovelace", phone_number="+44 1815"
    )
    view = await (await shop.get(Register))(form)
    return Customer(shop, Actor(view.id, frozenset(view.roles)), view.email, HOME)


async def lives(shop: Shop) -> tuple[Customer, list[OrderView]]:
    """Ada has done everything that a customer can."""
    await shop.has("LAMP", stock=10)
    her = await ada(shop)
    tokens = await (await shop.get(LogIn))(Credentials(email=EMAIL, password=PASSWORD))
    await (await shop.get(RefreshTokens))(tokens.refresh)
    new = NewAddress(
        address_type=AddressType.BOTH,
        full_name="Ada Lovelace",
        address_line1="12 St James's Square",
        city="London",
        postal_code="SW1Y",
        country="GB",
        phone_number="+44 1815",
    )
    await (await shop.get(SaveAddress))(her.who, new)
    await (await shop.get(RequestPasswordReset))(ResetWish(email=EMAIL))
    wish = EmailChange(new_email="countess.lovelace@example.com", password=PASSWORD)
    await (await shop.get(RequestEmailChange))(her.who, wish)
    await her.add("LAMP")
    paid = await her.checkout(customer_notes="Leave it with the porter")
    await her.pay(paid)
    await shop.deliver_events()
    await her.cancel(paid, "too dear, says Ada")
    unpaid = await her.buy("LAMP", 2)
    await her.add("LAMP")
    await shop.deliver_events()
    return her, [paid, unpaid]


async def exported(her: Customer) -> dict[str, Any]:
    archive = await (await her.shop.get(ExportPersonalData))(her.who)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return {name: json.loads(opened.read(name)) for name in opened.namelist()}


async def erase(her: Customer) -> None:
    await (await her.shop.get(EraseAccount))(her.who)


async def test_an_export_holds_all_that_is_held(shop: Shop) -> None:
    her, (paid, unpaid) = await lives(shop)
    files = await exported(her)
    assert set(files) >= {
        "account.json",
        "addresses.json",
        "carts.json",
        "events.json",
        "idempotency_keys.json",
        "links.json",
        "orders.json",
        "payments.json",
        "refreshes.json",
        "sessions.json",
    }
    (account,) = files["account.json"]
    assert (account["email"], account["username"], account["phone_number"]) == (EMAIL, "ada", "+44 1815")
    assert [address["city"] for address in files["addresses.json"]] == ["London"]
    orders = {order["order_number"]: order for order in files["orders.json"]}
    assert set(orders) == {paid.order_number, unpaid.order_number}
    assert orders[unpaid.order_number] == msgspec.to_builtins(await her.order(unpaid.id))
    assert orders[paid.order_number]["customer_notes"] == "Leave it with the porter"
    assert {payment["order_number"] for payment in files["payments.json"]} == {paid.order_number}
    assert [item["quantity"] for cart in files["carts.json"] for item in cart["items"]] == [1]
    assert (len(files["sessions.json"]), len(files["refreshes.json"])) == (1, 2)
    assert {link["purpose"] for link in files["links.json"]} == {"verify_email", "reset_password", "change_email"}
    assert {"UserRegistered", "EmailChangeRequested", "OrderPlaced"} <= {one["type"] for one in files["events.json"]}


async def test_an_export_tells_no_secret_and_of_nobody_else(shop: Shop) -> None:
    her, _ = await lives(shop)
    other = await shop.customer("grace@example.com")
    await other.buy("LAMP")
    text = json.dumps(await exported(her))
    for secret in ("argon2", "password_hash", "digest", "successor", "grace@", str(other.who.user)):
        assert secret not in text


async def test_who_has_nothing_gets_their_account_and_empty_files(shop: Shop) -> None:
    files = await exported(await ada(shop))
    assert {name for name, rows in files.items() if rows} == {"account.json", "events.json"}


async def test_while_an_order_is_open_nobody_is_forgotten_and_nothing_is_touched(shop: Shop) -> None:
    her, (_, unpaid) = await lives(shop)
    before = await exported(her)
    with pytest.raises(OpenOrders) as refusal:
        await erase(her)
    assert refusal.value.facts == {"orders": [unpaid.order_number]}
    assert await exported(her) == before


async def test_who_goes_is_nowhere_any_more_and_the_books_stay(shop: Shop) -> None:
    her, (paid, unpaid) = await lives(shop)
    await her.cancel(unpaid, "too dear again")
    await shop.deliver_events()
    tokens = await (await shop.get(LogIn))(Credentials(email=EMAIL, password=PASSWORD))
    seen = [await her.order(order.id) for order in (paid, unpaid)]
    await erase(her)
    await shop.deliver_events()
    files = await exported(her)
    text = json.dumps(files).lower()
    # Whole words: an id in hexadecimal digits may well have "ada" in it.
    assert [trace for trace in TRACES if re.search(rf"\b{trace}\b", text)] == []
    assert [
        name for name in ("addresses", "carts", "links", "idempotency_keys", "refreshes") if files[f"{name}.json"]
    ] == []
    staff = await shop.customer("boss@example.com", Role.ORDER_MANAGER)
    for before, after in zip(seen, [await staff.order(order.id) for order in (paid, unpaid)], strict=True):
        kept = ("id", "order_number", "user", "items", "total_amount", "tax_amount", "currency", "status", "paid_at")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
        assert (after.shipping_address.country, after.billing_address.country) == ("GB", "GB")
        assert (after.shipping_address.full_name, after.shipping_address.city, after.customer_notes) == ("", "", "")
    with pytest.raises(TokenInvalid):
        await (await shop.get(RefreshTokens))(tokens.refresh)
    with pytest.raises(InvalidCredentials):
        await (await shop.get(LogIn))(Credentials(email=EMAIL, password=PASSWORD))
    again = await ada(shop)
    assert again.who.user != her.who.user


async def test_the_place_of_who_went_orders_nothing(shop: Shop) -> None:
    await shop.has("LAMP")
    her = await ada(shop)
    await erase(her)
    await her.add("LAMP")  # with an access token that lives on
    with pytest.raises(NotAuthenticated):
        await her.checkout()


async def test_an_order_placed_while_its_customer_goes_is_no_orphan(shop: Shop) -> None:
    await shop.has("LAMP", stock=50)
    for number in range(10):
        form = Registration(email=f"ada{number}@example.com", password=PASSWORD)
        view = await (await shop.get(Register))(form)
        her = Customer(shop, Actor(view.id, frozenset(view.roles)), view.email, HOME)
        await her.add("LAMP")
        order, gone = await asyncio.gather(her.checkout(), erase(her), return_exceptions=True)
        if isinstance(order, OrderView):
            assert isinstance(gone, OpenOrders)
        else:
            assert isinstance(order, CartEmpty | NotAuthenticated) and gone is None
    await shop.deliver_events()


async def test_no_letter_goes_to_who_went(shop: Shop) -> None:
    her = await ada(shop)
    await (await shop.get(RequestPasswordReset))(ResetWish(email=EMAIL))
    await erase(her)
    await shop.deliver_events()
    assert list(await shop.mails()) == []


async def test_nothing_more_is_written_of_the_orders_of_who_went(shop: Shop) -> None:
    """What came of them was not mailed yet, and then there is nobody to read it."""
    await shop.has("LAMP", stock=10)
    her = await ada(shop)
    await her.cancel(await her.buy("LAMP"))
    await (await shop.get(EraseAccount))(her.who)
    await shop.run_jobs()
    assert [mail.to for mail in await shop.mails() if "order" in mail.subject.lower()] == []


async def test_an_anonymous_order_still_loads_and_the_shop_goes_on(shop: Shop) -> None:
    her, (_, unpaid) = await lives(shop)
    await her.cancel(unpaid)
    await erase(her)
    async with (await shop.get(Store)).transaction() as tx:
        order = await tx.orders.get(OrderId(unpaid.id))
    assert order.placement.email.endswith("@erased.invalid")
