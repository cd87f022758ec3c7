"""Address books over HTTP, and orders to what is kept in them."""

import uuid
from typing import Any

import httpx
import pytest

from tests.http.accounts.asking import bearer, refused, signed_in

HOME = {
    "address_type": "shipping",
    "full_name": "Ada Lovelace",
    "phone_number": "+44 20 1234",
    "address_line1": "12 St James's Square",
    "address_line2": "",
    "city": "London",
    "state": "",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
    "is_default": True,
}


@pytest.fixture
async def ada(client: httpx.AsyncClient) -> dict[str, str]:
    return bearer(await signed_in(client))


async def saved(client: httpx.AsyncClient, who: dict[str, str], **fields: Any) -> Any:
    answer = await client.post("addresses/", json={**HOME, **fields}, headers=who)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/auth/addresses/{answer.json()['id']}/"
    return answer.json()


async def listed(client: httpx.AsyncClient, who: dict[str, str]) -> Any:
    answer = await client.get("addresses/", headers=who)
    assert (answer.status_code, answer.json().keys()) == (200, {"next", "previous", "results"})
    return answer.json()["results"]


async def test_an_address_is_answered_as_it_was_given(client: httpx.AsyncClient, ada: dict[str, str]) -> None:
    address = await saved(client, ada)
    assert address == {**HOME, "id": address["id"], "created_at": address["created_at"]}
    assert (await client.get(f"addresses/{address['id']}/", headers=ada)).json() == address
    assert await listed(client, ada) == [address]


async def test_what_is_not_said_is_empty_and_the_first_is_the_default(
    client: httpx.AsyncClient, ada: dict[str, str]
) -> None:
    needed = ("address_type", "full_name", "address_line1", "city", "postal_code", "country")
    bodies = [{name: HOME[name] for name in needed}] * 2
    first, second = [(await client.post("addresses/", json=body, headers=ada)).json() for body in bodies]
    assert (first["is_default"], second["is_default"]) == (True, False)
    assert (first["phone_number"], first["address_line2"], first["state"]) == ("", "", "")


async def test_each_use_has_one_default_and_both_counts_for_either(
    client: httpx.AsyncClient, ada: dict[str, str]
) -> None:
    await saved(client, ada, address_type="shipping")
    await saved(client, ada, address_type="billing")
    assert [one["is_default"] for one in await listed(client, ada)] == [True, True]
    await saved(client, ada, address_type="both")
    assert [one["is_default"] for one in await listed(client, ada)] == [True, False, False]


async def test_an_address_changes_in_the_named_fields_only(client: httpx.AsyncClient, ada: dict[str, str]) -> None:
    address = await saved(client, ada)
    for changes in ({"city": "Paris", "country": "FR"}, {"address_type": "both"}, {"is_default": False}, {}):
        answer = await client.patch(f"addresses/{address['id']}/", json=changes, headers=ada)
        address |= changes
        assert (answer.status_code, answer.json()) == (200, address)


async def test_a_removed_address_is_gone(client: httpx.AsyncClient, ada: dict[str, str]) -> None:
    path = f"addresses/{(await saved(client, ada))['id']}/"
    assert (await client.delete(path, headers=ada)).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        refused(await client.request(method, path, headers=ada), 404, "address-not-found")


async def test_anothers_address_is_as_if_it_were_not_there(client: httpx.AsyncClient, ada: dict[str, str]) -> None:
    address, eve = await saved(client, ada), bearer(await signed_in(client))
    for method in ("GET", "DELETE", "PATCH"):
        answers = [
            await client.request(method, f"addresses/{one}/", headers=eve) for one in (address["id"], uuid.uuid4())
        ]
        for answer in answers:
            refused(answer, 404, "address-not-found")
    assert await listed(client, eve) == []
    assert await listed(client, ada) == [address]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address_type": "home"}, ("/address_type", "invalid-choice")),
        ({"address_type": None}, ("/address_type", "invalid-type")),
        ({"full_name": ""}, ("/full_name", "too-short")),
        ({"full_name": "  "}, ("/full_name", "required")),
        ({"city": "x" * 101}, ("/city", "too-long")),
        ({"address_line2": "1\r\nTotal: 0"}, ("/address_line2", "invalid-text")),
        ({"country": "XX"}, ("/country", "invalid-country")),
        ({"country": "gb"}, ("/country", "invalid-country")),
        ({"country": "GBR"}, ("/country", "too-long")),
        ({"is_default": "yes"}, ("/is_default", "invalid-type")),
        ({"id": str(uuid.UUID(int=7))}, ("/id", "unknown-field")),
        ({"user": str(uuid.UUID(int=7))}, ("/user", "unknown-field")),
    ],
)
async def test_a_bad_address_says_what_is_wrong(
    client: httpx.AsyncClient, ada: dict[str, str], fields: dict[str, Any], field: tuple[str, str]
) -> None:
    refused(await client.post("addresses/", json={**HOME, **fields}, headers=ada), 422, "validation-error", field)
    address = await saved(client, ada)
    answer = await client.patch(f"addresses/{address['id']}/", json=fields, headers=ada)
    refused(answer, 422, "validation-error", field)
    assert await listed(client, ada) == [address]


async def test_nobody_has_no_addresses(client: httpx.AsyncClient) -> None:
    refused(await client.get("addresses/"), 401, "not-authenticated")
    refused(await client.post("addresses/", content=b"{broken"), 401, "not-authenticated")
