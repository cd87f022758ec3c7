"""Refresh tokens: spent once, forgiven for a moment, and dead with their whole family when they were stolen."""

import asyncio

import pytest

from application.accounts.sessions import Credentials, Tokens
from domain.accounts import Role, TokenInvalid, TokenReused
from tests.application.accounts.desk import PASSWORD, Desk, actor


async def test_a_refresh_gives_a_new_pair_and_the_new_one_works(desk: Desk) -> None:
    first = await desk.signed_in()
    desk.clock.wait(minutes=15)
    with pytest.raises(TokenInvalid):
        desk.tokens.actor(first.access)
    second = await desk.refresh(first.refresh)
    assert desk.tokens.actor(second.access) == actor(first.user)
    assert (await desk.refresh(second.refresh)).refresh not in {first.refresh, second.refresh}


async def test_the_same_token_within_five_seconds_gets_the_same_successor(desk: Desk) -> None:
    first = await desk.signed_in()
    second = await desk.refresh(first.refresh)
    desk.clock.wait(seconds=5)
    again = await desk.refresh(first.refresh)
    assert again.refresh == second.refresh
    assert desk.tokens.actor(again.access) == actor(first.user)
    assert (await desk.refresh(second.refresh)).refresh != second.refresh


async def test_after_five_seconds_a_spent_token_ends_the_family(desk: Desk) -> None:
    first = await desk.signed_in()
    second = await desk.refresh(first.refresh)
    desk.clock.wait(seconds=5, microseconds=1)
    with pytest.raises(TokenReused):
        await desk.refresh(first.refresh)
    with pytest.raises(TokenInvalid):
        await desk.refresh(second.refresh)


async def test_a_spent_token_whose_successor_is_spent_ends_the_family_at_once(desk: Desk) -> None:
    first = await desk.signed_in()
    second = await desk.refresh(first.refresh)
    third = await desk.refresh(second.refresh)
    with pytest.raises(TokenReused):
        await desk.refresh(first.refresh)
    for dead in (third.refresh, second.refresh):
        with pytest.raises(TokenInvalid):
            await desk.refresh(dead)
    with pytest.raises(TokenReused):
        await desk.refresh(first.refresh)


async def test_a_dead_family_takes_no_other_with_it(desk: Desk) -> None:
    first = await desk.signed_in()
    other = await desk.log_in(Credentials(email=first.user.email, password=PASSWORD))
    await desk.refresh((await desk.refresh(first.refresh)).refresh)
    with pytest.raises(TokenReused):
        await desk.refresh(first.refresh)
    await desk.refresh(other.refresh)


async def test_twenty_refreshes_of_one_token_at_once_get_one_successor(desk: Desk) -> None:
    first = await desk.signed_in()
    answers = await asyncio.gather(*(desk.refresh(first.refresh) for _ in range(20)))
    (successor,) = {answer.refresh for answer in answers}
    assert len({answer.access for answer in answers}) == 20
    assert (await desk.refresh(successor)).refresh != successor


async def test_twenty_thefts_at_once_find_one_dead_family(desk: Desk) -> None:
    first = await desk.signed_in()
    second = await desk.refresh(first.refresh)
    desk.clock.wait(minutes=1)
    tries = [first.refresh] * 10 + [second.refresh] * 10
    outcomes = await asyncio.gather(*(desk.refresh(token) for token in tries), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[:10]] == [TokenReused] * 10
    assert {type(outcome) for outcome in outcomes[10:]} <= {TokenInvalid, Tokens}
    for token in {answer.refresh for answer in outcomes if isinstance(answer, Tokens)} | {second.refresh}:
        with pytest.raises(TokenInvalid):
            await desk.refresh(token)


async def test_a_session_ends_a_week_after_the_login_however_often_it_is_refreshed(desk: Desk) -> None:
    refresh = (await desk.signed_in()).refresh
    for _ in range(6):
        desk.clock.wait(days=1)
        refresh = (await desk.refresh(refresh)).refresh
    desk.clock.wait(days=1, microseconds=-1)
    refresh = (await desk.refresh(refresh)).refresh
    desk.clock.wait(microseconds=1)
    with pytest.raises(TokenInvalid):
        await desk.refresh(refresh)


@pytest.mark.parametrize("token", ["", "x", "ü", "x" * 100_000])
async def test_what_is_no_token_of_ours_is_invalid(desk: Desk, token: str) -> None:
    with pytest.raises(TokenInvalid):
        await desk.refresh(token)


async def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(desk: Desk) -> None:
    signed_in = await desk.signed_in()
    with pytest.raises(TokenInvalid):
        await desk.refresh(signed_in.access)
    with pytest.raises(TokenInvalid):
        desk.tokens.actor(signed_in.refresh)


async def test_who_was_locked_out_gets_no_more_tokens(desk: Desk) -> None:
    first = await desk.signed_in()
    await desk.disable(first.user)
    with pytest.raises(TokenInvalid):
        await desk.refresh(first.refresh)


async def test_a_refresh_brings_the_roles_of_today(desk: Desk) -> None:
    first = await desk.signed_in()
    await desk.create_admin(first.user.email, "a lamp in the kitchen")
    second = await desk.refresh(first.refresh)
    assert desk.tokens.actor(second.access).roles == {Role.CUSTOMER, Role.ADMIN}


async def test_logging_out_ends_the_family_and_can_be_repeated(desk: Desk) -> None:
    first = await desk.signed_in()
    second = await desk.refresh(first.refresh)
    await desk.log_out(first.refresh)
    await desk.log_out(first.refresh)
    await desk.log_out("never heard of")
    for token in (first.refresh, second.refresh):
        with pytest.raises(TokenInvalid):
            await desk.refresh(token)
