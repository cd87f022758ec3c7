"""Access that is taken away is gone at the next request, whatever the token says."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from dishka import AsyncContainer

from application.accounts.registering import CreateAdmin
from application.accounts.staff import ChangeUserByEmail
from domain.accounts import Actor, LastAdmin, Role, UserNotFound
from entrypoints.shop import Shop, ShopClock
from tests.http.accounts.asking import PASSWORD, an_address, bearer, refused, registered, signed_in

NEW = "another lamp in the attic"
Deed = Callable[[httpx.AsyncClient, AsyncContainer, Any], Awaitable[None]]


async def boss(client: httpx.AsyncClient, container: AsyncContainer) -> Any:
    """An admin's tokens."""
    email = an_address()
    await (await container.get(CreateAdmin))(email, PASSWORD)
    return await signed_in(client, email)


async def change(client: httpx.AsyncClient, container: AsyncContainer, user: Any, body: Any) -> Any:
    answer = await client.patch(f"users/{user['id']}/", json=body, headers=bearer(await boss(client, container)))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def log_out(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    assert (await client.post("logout/", json={"refresh": tokens["refresh"]})).status_code == 204


async def steal(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    """Somebody spends a refresh token that was spent long ago."""
    spent = {"refresh": tokens["refresh"]}
    later = (await client.post("token/refresh/", json=spent)).json()
    await client.post("token/refresh/", json={"refresh": later["refresh"]})
    refused(await client.post("token/refresh/", json=spent), 401, "token-reused")


async def change_password(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    """In another session: that one stays."""
    other = await signed_in(client, tokens["user"]["email"])
    body = {"old_password": PASSWORD, "new_password": NEW}
    assert (await client.post("users/me/password/", json=body, headers=bearer(other))).status_code == 204
    assert (await client.get("users/me/", headers=bearer(other))).status_code == 200


async def reset_password(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    await client.post("password-reset/", json={"email": tokens["user"]["email"]})
    shop = Shop(container, ShopClock())
    await shop.deliver_events()
    text = next(mail.text for mail in await shop.mails() if "reset" in mail.text)
    token = text.partition("token=")[2].split()[0]
    body = {"token": token, "new_password": NEW}
    assert (await client.post("password-reset/confirm/", json=body)).status_code == 204


async def disable(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    assert not (await change(client, container, tokens["user"], {"is_active": False}))["is_active"]
    answer = await client.post("login/", json={"email": tokens["user"]["email"], "password": PASSWORD})
    refused(answer, 401, "invalid-credentials")


async def disable_and_enable(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    await disable(client, container, tokens)
    assert (await change(client, container, tokens["user"], {"is_active": True}))["is_active"]
    await signed_in(client, tokens["user"]["email"])


async def erase(client: httpx.AsyncClient, container: AsyncContainer, tokens: Any) -> None:
    assert (await client.delete("users/me/", headers=bearer(tokens))).status_code == 204


ENDS: list[Deed] = [log_out, steal, change_password, reset_password, disable, disable_and_enable, erase]


@pytest.mark.parametrize("deed", ENDS, ids=lambda deed: deed.__name__)
async def test_a_session_that_is_over_is_over_at_the_next_request(
    client: httpx.AsyncClient, container: AsyncContainer, deed: Deed
) -> None:
    tokens, other = await signed_in(client), await signed_in(client)
    assert (await client.get("users/me/", headers=bearer(tokens))).status_code == 200
    await deed(client, container, tokens)
    refused(await client.get("users/me/", headers=bearer(tokens)), 401, "token-invalid")
    refused(await client.post("token/verify/", json={"token": tokens["access"]}), 401, "token-invalid")
    assert (await client.post("token/refresh/", json={"refresh": tokens["refresh"]})).status_code == 401
    assert (await client.get("users/me/", headers=bearer(other))).status_code == 200


async def test_a_role_counts_and_no_longer_counts_at_the_next_request(
    client: httpx.AsyncClient, container: AsyncContainer
) -> None:
    tokens = await signed_in(client)

    async def stock(tokens: Any) -> int:
        return (await client.get("http://localhost:8000/api/inventory/", headers=bearer(tokens))).status_code

    assert await stock(tokens) == 403
    for roles, status in ((["catalog_manager"], 200), ([], 403)):
        assert (await change(client, container, tokens["user"], {"roles": roles}))["roles"] == sorted(
            {*roles, "customer"}
        )
        assert await stock(tokens) == 401
        tokens = {**tokens, **(await client.post("token/refresh/", json={"refresh": tokens["refresh"]})).json()}
        assert await stock(tokens) == status


async def test_a_change_that_changes_nothing_ends_nothing(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    tokens = await signed_in(client)
    bodies: list[dict[str, Any]] = [{}, {"is_active": True}, {"roles": ["customer"]}, {"roles": []}]
    for body in bodies:
        await change(client, container, tokens["user"], body)
        assert (await client.get("users/me/", headers=bearer(tokens))).status_code == 200
    changed = await client.patch("users/me/", json={"first_name": "Ann"}, headers=bearer(tokens))
    assert changed.status_code == 200
    assert (await client.get("users/me/", headers=bearer(tokens))).status_code == 200


async def test_the_last_admin_stays_one(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    tokens = await boss(client, container)
    head, me = bearer(tokens), f"users/{tokens['user']['id']}/"
    for body in ({"is_active": False}, {"roles": ["analyst"]}):
        refused(await client.patch(me, json=body, headers=head), 409, "last-admin")
    refused(await client.delete("users/me/", headers=head), 409, "last-admin")
    assert (await client.get("users/me/", headers=head)).json()["roles"] == ["admin", "customer"]
    await boss(client, container)
    assert (await client.patch(me, json={"is_active": False}, headers=head)).status_code == 200
    refused(await client.get("users/me/", headers=head), 401, "token-invalid")


async def test_users_are_listed_and_found(client: httpx.AsyncClient, container: AsyncContainer) -> None:
    people = [await registered(client, first_name="Grace", last_name=f"Hopper {n}") for n in range(5)]
    head = bearer(await boss(client, container))
    first = (await client.get("users/?q=HOPPER&page_size=3", headers=head)).json()
    assert [each["id"] for each in first["results"]] == [each["id"] for each in people[:1:-1]]
    rest = (await client.get(f"http://localhost:8000{first['next']}", headers=head)).json()
    assert ([each["id"] for each in rest["results"]], rest["next"]) == ([each["id"] for each in people[1::-1]], None)
    back = (await client.get(f"http://localhost:8000{rest['previous']}", headers=head)).json()
    assert back["results"] == first["results"]
    for q in (people[0]["email"], "grace hopper 0"):
        assert (await client.get("users/", params={"q": q}, headers=head)).json()["results"] == people[:1]
    assert (await client.get("users/?q=nobody at all", headers=head)).json()["results"] == []
    assert (await client.get(f"users/{people[0]['id']}/", headers=head)).json() == people[0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"is_active": None}, ("/is_active", "invalid-type")),
        ({"is_active": "no"}, ("/is_active", "invalid-type")),
        ({"roles": ["root"]}, ("/roles/0", "invalid-choice")),
        ({"roles": "admin"}, ("/roles", "invalid-type")),
        ({"email": "x@example.com"}, ("/email", "unknown-field")),
        ({"password": "x"}, ("/password", "unknown-field")),
        ({"email_verified": True}, ("/email_verified", "unknown-field")),
    ],
)
async def test_an_admin_changes_what_is_theirs_to_change(
    client: httpx.AsyncClient, container: AsyncContainer, body: Any, field: tuple[str, str]
) -> None:
    tokens = await boss(client, container)
    answer = await client.patch(f"users/{tokens['user']['id']}/", json=body, headers=bearer(tokens))
    refused(answer, 422, "validation-error", field)


async def test_the_command_line_knows_people_by_their_address(
    client: httpx.AsyncClient, container: AsyncContainer
) -> None:
    tokens = await signed_in(client)
    email = tokens["user"]["email"]
    change = await container.get(ChangeUserByEmail)
    both = await change(Actor.shop(), email.upper(), add=[Role.ANALYST, Role.ORDER_MANAGER])
    assert both.roles == [Role.ANALYST, Role.CUSTOMER, Role.ORDER_MANAGER]
    assert (await change(Actor.shop(), email, remove=[Role.ANALYST])).roles == [Role.CUSTOMER, Role.ORDER_MANAGER]
    assert not (await change(Actor.shop(), email, is_active=False)).is_active
    refused(await client.get("users/me/", headers=bearer(tokens)), 401, "token-invalid")
    with pytest.raises(UserNotFound):
        await change(Actor.shop(), "nobody@example.com", is_active=False)
    admin = await boss(client, container)
    with pytest.raises(LastAdmin):
        await change(Actor.shop(), admin["user"]["email"], remove=[Role.ADMIN])
