"""Users, who is asking, and what passes for an e-mail address, an address or a password."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import (
    GRANTS,
    Actor,
    Address,
    NotAuthenticated,
    PasswordTooWeak,
    Permission,
    Role,
    User,
    UserChanged,
    UserId,
    UserRegistered,
    check_password,
    may,
    must,
    normal_email,
)
from domain.errors import Forbidden, InvalidField

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ADA = UserId(UUID(int=1))
EVA = UserId(UUID(int=2))


def ada(**profile: str) -> User:
    return User.register(ADA, "Ada@Example.com ", "hash", NOW, (Role.CUSTOMER,), **profile)


def test_who_registers_is_an_active_customer_with_a_lower_case_address() -> None:
    user = ada(username="ada", first_name="Ada")
    assert (user.email, user.username, user.first_name, user.roles) == (
        "ada@example.com",
        "ada",
        "Ada",
        {Role.CUSTOMER},
    )
    assert (user.is_active, user.is_staff, user.email_verified, user.preferred_language) == (True, False, False, "en")
    assert user.events == [UserRegistered(user=ADA, email="ada@example.com", at=NOW)]


def test_a_change_of_profile_touches_the_named_fields_and_tells_which_changed() -> None:
    user = ada(first_name="Ada", last_name="Byron")
    user.drain()
    user.change_profile({"first_name": "Ada", "last_name": "Lovelace", "username": None}, NOW)
    assert (user.first_name, user.last_name, user.username) == ("Ada", "Lovelace", None)
    assert user.events == [UserChanged(user=ADA, fields=("last_name",), at=NOW)]


def test_a_change_that_changes_nothing_is_no_event() -> None:
    user = ada(first_name="Ada")
    user.drain()
    user.change_profile({"first_name": "Ada"}, NOW)
    assert user.events == []


def test_a_language_that_the_shop_does_not_speak_is_refused() -> None:
    user = ada()
    with pytest.raises(InvalidField) as refusal:
        user.change_profile({"first_name": "A", "preferred_language": "tlh"}, NOW)
    assert (refusal.value.pointer, refusal.value.reason) == ("/preferred_language", "invalid-choice")
    assert (user.first_name, user.preferred_language) == ("", "en")


def test_who_is_made_admin_keeps_the_other_roles_and_is_let_in_again() -> None:
    user = ada()
    user.is_active = False
    user.drain()
    user.make_admin("new hash", NOW)
    assert (user.password_hash, user.is_active, user.roles) == ("new hash", True, {Role.CUSTOMER, Role.ADMIN})
    assert user.events == [UserChanged(user=ADA, fields=("is_active", "password", "roles"), at=NOW)]


@pytest.mark.parametrize(
    "text",
    [
        "a@b.co",
        "ada.lovelace+shop@mail.example.co.uk",
        "o'brien@example.com",
        "ada@bücher.example",
        "ada@xn--bcher-kva.example",
        f"{'a' * 64}@{'b' * 63}.example",
    ],
)
def test_an_address_is_kept_as_it_is(text: str) -> None:
    assert normal_email(text) == text


def test_an_address_has_one_spelling() -> None:
    assert normal_email("  ADA@Example.COM\t") == "ada@example.com"
    assert normal_email("U\u0308ber@Example.COM") == "\u00fcber@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@.com",
        "ada@example..com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@example-.com",
        "a da@example.com",
        "a@b@example.com",
        "ada@exam ple.com",
        "ada@example.c",
        "ada\n@example.com",
        "ada\x00@example.com",
        "ada@example.com\r\nBcc: eva@example.com",
        "<ada@example.com>",
        "ada@example.com,eva@example.com",
        "ada\u200b@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.example",
        f"a@{'b.' * 130}example",
    ],
)
def test_what_cannot_be_an_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        normal_email(text)
    assert (refusal.value.pointer, refusal.value.reason) == ("/email", "invalid-email")


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        kept = normal_email(text)
    except InvalidField:
        return
    assert normal_email(kept) == kept
    assert kept.count("@") == 1


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "too-short"),
        ("seven77", "too-short"),
        ("x" * 129, "too-long"),
        ("hunter2hunter2", "too-common"),
        ("Hunter2Hunter2", "too-common"),
        ("ada.lovelace", "too-common"),
        ("Ada.Lovelace@Example.com", "too-common"),
    ],
)
def test_what_is_guessed_first_is_no_password(password: str, reason: str) -> None:
    with pytest.raises(PasswordTooWeak) as refusal:
        check_password(password, "ada.lovelace@example.com", frozenset({"hunter2hunter2"}))
    assert (refusal.value.code, refusal.value.pointer, refusal.value.reason) == (
        "password-too-weak",
        "/password",
        reason,
    )


@pytest.mark.parametrize("password", ["eight888", "x" * 128, "пароль-из-слов", "ada.lovelace1"])
def test_other_passwords_will_do(password: str) -> None:
    check_password(password, "ada.lovelace@example.com", frozenset({"hunter2hunter2"}))


def test_an_admin_may_everything_and_others_what_their_roles_grant() -> None:
    manager = Actor(ADA, frozenset({Role.CUSTOMER, Role.CATALOG_MANAGER}))
    assert {each for each in Permission if may(manager, each)} == GRANTS[Role.CATALOG_MANAGER]
    assert [each for each in Permission if may(Actor(EVA, frozenset({Role.ADMIN})), each)] == list(Permission)
    assert [each for each in Permission if may(Actor.shop(), each)] == list(Permission)
    with pytest.raises(Forbidden):
        must(manager, Permission.WRITE_ORDERS)


def test_ones_own_is_ones_own() -> None:
    customer = Actor(ADA, frozenset({Role.CUSTOMER}))
    assert customer.owns(ADA)
    assert not customer.owns(EVA)
    assert not customer.owns(None)
    assert not Actor().owns(None)
    assert not Actor(key=EVA).owns(None)


def test_nobody_is_no_user() -> None:
    assert Actor(ADA).must_be_user() == ADA
    with pytest.raises(NotAuthenticated):
        Actor().must_be_user()


def test_staff_is_who_has_more_than_a_customers_role() -> None:
    assert not Actor().is_staff
    assert not Actor(ADA, frozenset({Role.CUSTOMER})).is_staff
    assert Actor(ADA, frozenset({Role.CUSTOMER, Role.ANALYST})).is_staff


ADDRESS = {
    "full_name": "Ada Lovelace",
    "address_line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}


def test_an_address_with_everything_needed_passes() -> None:
    Address(**ADDRESS).check("/shipping_address")


@pytest.mark.parametrize("name", ["full_name", "address_line2", "state", "phone_number"])
def test_each_part_of_an_address_fits_on_a_line(name: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        Address(**{**ADDRESS, name: "1 Main\r\nTotal: 0.00"}).check("/shipping_address")
    assert (refusal.value.pointer, refusal.value.reason) == (f"/shipping_address/{name}", "invalid-text")


@pytest.mark.parametrize("name", ["full_name", "address_line1", "city", "postal_code"])
def test_an_address_says_what_it_lacks(name: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        Address(**{**ADDRESS, name: "  "}).check("/shipping_address")
    assert (refusal.value.pointer, refusal.value.reason) == (f"/shipping_address/{name}", "required")


@pytest.mark.parametrize("country", ["", "G", "gb", "GBR", "ÄÖ", "England"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        Address(**{**ADDRESS, "country": country}).check("/billing_address")
    assert (refusal.value.pointer, refusal.value.reason) == ("/billing_address/country", "invalid-country")
