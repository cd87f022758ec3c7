"""Passwords, e-mail addresses and the letters about them: a whole shop, its jobs run, its mail read."""

import asyncio
import re

import bcrypt
import pytest

from application.accounts.email import ConfirmEmail, EmailChange, RequestEmailChange
from application.accounts.passwords import (
    ChangePassword,
    NewPassword,
    PasswordChange,
    RequestPasswordReset,
    ResetPassword,
    ResetWish,
)
from application.accounts.registering import Register, Registration
from application.accounts.sessions import Credentials, LogIn, RefreshTokens, SignedIn, Tokens
from application.accounts.texts import ENGLISH, TEXTS, Letter
from application.accounts.users import ChangeProfile, ProfileChanges
from application.outbox import Outbox
from application.ports import AccessTokens, Outgoing, Store
from domain.accounts import (
    LANGUAGES,
    Actor,
    EmailTaken,
    InvalidCredentials,
    PasswordTooWeak,
    TokenInvalid,
    TokenReused,
    User,
)
from domain.errors import InvalidField
from domain.links import LinkInvalid
from entrypoints.shop import Shop

OLD, NEW = "a lamp in the attic", "a lamp in the cellar"
TOKEN = re.compile(r"http://shop\.test/account/(?:verify-email|reset-password)/\?token=([\w-]{43})\n")


async def registered(shop: Shop, email: str = "ada@example.com") -> Actor:
    view = await (await shop.get(Register))(Registration(email=email, password=OLD))
    await shop.deliver_events()
    return Actor(view.id, frozenset(view.roles))


async def signed_in(shop: Shop, password: str = OLD, email: str = "ada@example.com") -> SignedIn:
    return await (await shop.get(LogIn))(Credentials(email=email, password=password))


async def refreshed(shop: Shop, tokens: Tokens) -> Tokens:
    return await (await shop.get(RefreshTokens))(tokens.refresh)


async def user(shop: Shop, email: str = "ada@example.com") -> User:
    async with (await shop.get(Store)).transaction() as tx:
        found = await tx.users.find_by_email(email)
    assert found is not None
    return found


async def letters(shop: Shop, to: str = "ada@example.com") -> list[str]:
    """The subjects of the mails to that address, oldest first."""
    return [mail.subject for mail in reversed(await arrived(shop)) if mail.to == to]


async def arrived(shop: Shop) -> list[Outgoing]:
    await shop.deliver_events()
    return list(await shop.mails())


async def token(shop: Shop, letter: Letter, to: str = "ada@example.com") -> str:
    """Of the newest such letter to that address."""
    mail = next(mail for mail in await arrived(shop) if (mail.to, mail.subject) == (to, ENGLISH[letter].subject))
    found = TOKEN.search(mail.text)
    assert found is not None
    assert 'href="http://shop.test/account/' in mail.html and found[1] in mail.html
    return found[1]


def subjects(*kinds: Letter) -> list[str]:
    return [ENGLISH[kind].subject for kind in kinds]


async def ask_reset(shop: Shop, email: str = "ada@example.com") -> None:
    await (await shop.get(RequestPasswordReset))(ResetWish(email=email))


async def reset(shop: Shop, token: str, password: str = NEW) -> None:
    await (await shop.get(ResetPassword))(NewPassword(token=token, new_password=password))


async def change(shop: Shop, who: Actor, old: str = OLD, new: str = NEW) -> None:
    await (await shop.get(ChangePassword))(who, PasswordChange(old_password=old, new_password=new))


async def ask_email(shop: Shop, who: Actor, email: str, password: str = OLD) -> None:
    await (await shop.get(RequestEmailChange))(who, EmailChange(new_email=email, password=password))


async def confirm(shop: Shop, token: str) -> None:
    await (await shop.get(ConfirmEmail))(token)


async def dead(shop: Shop, tokens: Tokens) -> bool:
    try:
        await refreshed(shop, tokens)
    except TokenInvalid:
        return True
    return False


# -- verification


async def test_who_registers_gets_a_link_that_confirms_the_address_once(shop: Shop) -> None:
    await registered(shop)
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL)
    link = await token(shop, Letter.VERIFY_EMAIL)
    assert not (await user(shop)).email_verified
    await confirm(shop, link)
    assert (await user(shop)).email_verified
    with pytest.raises(LinkInvalid):
        await confirm(shop, link)
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL)


@pytest.mark.parametrize("token", ["", "x", "ü", "x" * 43, "x" * 100_000])
async def test_what_is_no_token_of_ours_is_invalid(shop: Shop, token: str) -> None:
    with pytest.raises(LinkInvalid):
        await confirm(shop, token)
    with pytest.raises(LinkInvalid):
        await reset(shop, token)


async def test_a_link_is_good_for_its_own_purpose_only(shop: Shop) -> None:
    await registered(shop)
    await ask_reset(shop)
    with pytest.raises(LinkInvalid):
        await reset(shop, await token(shop, Letter.VERIFY_EMAIL))
    with pytest.raises(LinkInvalid):
        await confirm(shop, await token(shop, Letter.RESET_PASSWORD))


async def test_a_letter_comes_in_the_readers_language(shop: Shop) -> None:
    who = await registered(shop)
    await arrived(shop)
    for language in ("de", "fr", "en"):
        await (await shop.get(ChangeProfile))(who, ProfileChanges(preferred_language=language))
        await ask_reset(shop)
        mail = (await arrived(shop))[0]
        assert mail.subject == TEXTS[language][Letter.RESET_PASSWORD].subject
        assert f'<html lang="{language}">' in mail.html
        assert TEXTS[language][Letter.RESET_PASSWORD].text in mail.text


def test_every_letter_is_written_in_every_language() -> None:
    assert {language: set(texts) for language, texts in TEXTS.items()} == {one: set(Letter) for one in LANGUAGES}
    for texts in TEXTS.values():
        for kind, wording in texts.items():
            english = ENGLISH[kind]
            assert ("{email}" in wording.text) == ("{email}" in english.text)
            assert bool(wording.link) == bool(english.link)


async def test_told_twice_the_mailbox_gets_one_letter_and_its_link_works(shop: Shop) -> None:
    await registered(shop)
    link = await token(shop, Letter.VERIFY_EMAIL)
    outbox = await shop.get(Outbox)
    again = await outbox.due(["SendVerification"])
    assert list(again) == []
    assert len({mail.message_id for mail in await arrived(shop)}) == 1
    await confirm(shop, link)


# -- passwords


async def test_a_changed_password_ends_all_other_sessions_and_is_told(shop: Shop) -> None:
    await registered(shop)
    here, elsewhere = await signed_in(shop), await signed_in(shop)
    who = (await shop.get(AccessTokens)).actor(here.access)
    assert who.session is not None
    await change(shop, who)
    assert (await dead(shop, here), await dead(shop, elsewhere)) == (False, True)
    with pytest.raises(InvalidCredentials):
        await signed_in(shop)
    await signed_in(shop, NEW)
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.PASSWORD_CHANGED)


async def test_a_wrong_old_password_changes_nothing(shop: Shop) -> None:
    who = await registered(shop)
    with pytest.raises(InvalidField) as refusal:
        await change(shop, who, old=NEW)
    assert (refusal.value.pointer, refusal.value.reason) == ("/old_password", "wrong-password")
    await signed_in(shop)


@pytest.mark.parametrize("weak", ["short", "password", "ada@example.com", "x" * 129])
async def test_a_new_password_must_be_as_good_as_a_first_one(shop: Shop, weak: str) -> None:
    who = await registered(shop)
    await ask_reset(shop)
    link = await token(shop, Letter.RESET_PASSWORD)
    with pytest.raises(PasswordTooWeak) as changing:
        await change(shop, who, new=weak)
    with pytest.raises(PasswordTooWeak) as resetting:
        await reset(shop, link, weak)
    assert {changing.value.pointer, resetting.value.pointer} == {"/new_password"}
    await reset(shop, link)


async def test_of_two_changes_at_once_one_is_made(shop: Shop) -> None:
    who = await registered(shop)
    tries = (change(shop, who, new="a lamp in the cellar"), change(shop, who, new="a lamp in the garden"))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [InvalidField]


async def test_a_forgotten_password_is_replaced_by_a_mailed_link_once(shop: Shop) -> None:
    await registered(shop)
    session = await signed_in(shop)
    await ask_reset(shop, "ADA@example.com")
    link = await token(shop, Letter.RESET_PASSWORD)
    await reset(shop, link)
    assert await dead(shop, session)
    await signed_in(shop, NEW)
    with pytest.raises(LinkInvalid):
        await reset(shop, link, "a lamp in the garden")
    with pytest.raises(InvalidCredentials):
        await signed_in(shop)
    assert (await user(shop)).email_verified
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.RESET_PASSWORD, Letter.PASSWORD_CHANGED)


async def test_of_twenty_uses_of_a_link_at_once_one_counts(shop: Shop) -> None:
    await registered(shop)
    await ask_reset(shop)
    link = await token(shop, Letter.RESET_PASSWORD)
    passwords = [f"a lamp in room {number}" for number in range(20)]
    outcomes = await asyncio.gather(*(reset(shop, link, each) for each in passwords), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(LinkInvalid) == 19
    await signed_in(shop, passwords[outcomes.index(None)])


async def test_one_of_several_links_ends_the_others(shop: Shop) -> None:
    await registered(shop)
    await ask_reset(shop)
    first = await token(shop, Letter.RESET_PASSWORD)
    await ask_reset(shop)
    second = await token(shop, Letter.RESET_PASSWORD)
    assert first != second
    await reset(shop, second)
    with pytest.raises(LinkInvalid):
        await reset(shop, first)


async def test_a_changed_password_ends_the_links_of_before(shop: Shop) -> None:
    who = await registered(shop)
    await ask_reset(shop)
    link = await token(shop, Letter.RESET_PASSWORD)
    await change(shop, who)
    with pytest.raises(LinkInvalid):
        await reset(shop, link)


async def test_whom_nobody_knows_gets_no_mail_and_the_same_answer(shop: Shop) -> None:
    await ask_reset(shop, "nobody@example.com")
    assert await arrived(shop) == []


async def test_who_is_locked_out_gets_no_link(shop: Shop) -> None:
    await registered(shop)
    await ask_reset(shop)
    link = await token(shop, Letter.RESET_PASSWORD)
    before = await letters(shop)
    known = (await user(shop)).id
    async with (await shop.get(Store)).transaction() as tx:
        locked_out = await tx.users.take(known)
        locked_out.is_active = False
        await tx.users.save(locked_out)
    with pytest.raises(LinkInvalid):
        await reset(shop, link)
    await ask_reset(shop)
    assert await letters(shop) == before


async def test_a_hash_of_another_shop_lets_in_and_is_replaced(shop: Shop) -> None:
    await registered(shop)
    known = (await user(shop)).id
    async with (await shop.get(Store)).transaction() as tx:
        migrated = await tx.users.take(known)
        migrated.password_hash = bcrypt.hashpw(OLD.encode(), bcrypt.gensalt(4)).decode()
        await tx.users.save(migrated)
    with pytest.raises(InvalidCredentials):
        await signed_in(shop, NEW)
    assert (await user(shop)).password_hash.startswith("$2b$")
    await signed_in(shop)
    assert (await user(shop)).password_hash.startswith("$argon2id$v=19$m=16,t=1,p=1$")
    await signed_in(shop)


# -- sessions


async def test_who_was_robbed_is_told_once_and_all_is_dead(shop: Shop) -> None:
    await registered(shop)
    first = await signed_in(shop)
    second = await refreshed(shop, first)
    third = await refreshed(shop, second)
    for _ in range(2):
        with pytest.raises(TokenReused):
            await refreshed(shop, first)
    assert await dead(shop, third)
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.TOKEN_REUSED)


async def test_of_many_thefts_at_once_one_is_told(shop: Shop) -> None:
    await registered(shop)
    first = await signed_in(shop)
    await refreshed(shop, await refreshed(shop, first))
    tries = (refreshed(shop, first) for _ in range(10))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {TokenReused}
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.TOKEN_REUSED)


# -- another address


async def test_a_new_address_counts_when_its_link_is_used_and_the_old_one_is_told(shop: Shop) -> None:
    who = await registered(shop)
    await ask_email(shop, who, "Lovelace@Example.com")
    link = await token(shop, Letter.CHANGE_EMAIL, "lovelace@example.com")
    assert (await user(shop)).id == who.user
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.EMAIL_CHANGE_REQUESTED)
    await confirm(shop, link)
    assert (
        (await user(shop, "lovelace@example.com")).id,
        (await user(shop, "lovelace@example.com")).email_verified,
    ) == (
        who.user,
        True,
    )
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.EMAIL_CHANGE_REQUESTED, Letter.EMAIL_CHANGED)
    assert await letters(shop, "lovelace@example.com") == subjects(Letter.CHANGE_EMAIL)
    await registered(shop)  # the old address is free


async def test_a_wrong_password_changes_no_address_and_writes_nobody(shop: Shop) -> None:
    who = await registered(shop)
    with pytest.raises(InvalidField) as refusal:
        await ask_email(shop, who, "lovelace@example.com", NEW)
    assert (refusal.value.pointer, refusal.value.reason) == ("/password", "wrong-password")
    assert await letters(shop, "lovelace@example.com") == []


async def test_that_another_has_the_address_only_that_other_is_told(shop: Shop) -> None:
    who = await registered(shop)
    await registered(shop, "grace@example.com")
    await ask_email(shop, who, "grace@example.com")
    assert await letters(shop, "grace@example.com") == subjects(Letter.VERIFY_EMAIL, Letter.EMAIL_IN_USE)
    assert await letters(shop) == subjects(Letter.VERIFY_EMAIL, Letter.EMAIL_CHANGE_REQUESTED)


async def test_who_was_slower_does_not_get_the_address(shop: Shop) -> None:
    who = await registered(shop)
    await ask_email(shop, who, "lovelace@example.com")
    link = await token(shop, Letter.CHANGE_EMAIL, "lovelace@example.com")
    await registered(shop, "lovelace@example.com")
    with pytest.raises(EmailTaken):
        await confirm(shop, link)
    assert (await user(shop)).id == who.user


async def test_links_to_an_address_that_was_given_up_are_dead(shop: Shop) -> None:
    who = await registered(shop)
    await ask_reset(shop)
    old = await token(shop, Letter.RESET_PASSWORD)
    verify = await token(shop, Letter.VERIFY_EMAIL)
    await ask_email(shop, who, "lovelace@example.com")
    await confirm(shop, await token(shop, Letter.CHANGE_EMAIL, "lovelace@example.com"))
    with pytest.raises(LinkInvalid):
        await reset(shop, old)
    with pytest.raises(LinkInvalid):
        await confirm(shop, verify)
