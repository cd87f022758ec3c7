"""Who calls the shop over HTTP, and what a refusal must look like."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from application.catalog.views import ProductView
from application.ports import Store
from domain.accounts import Role
from entrypoints.shop import Customer, Shop
from tests.http.signing import a_token

MISSING = "0190a000-0000-7000-8000-000000000404"  # nothing has this id

HOME = {
    "full_name": "Ann Example",
    "address_line1": "1 Main Street",
    "city": "Springfield",
    "postal_code": "12345",
    "country": "US",
}
MEMBERS = {"type", "title", "status", "detail", "code", "trace_id"}
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the shop with its token, and the same person in process."""

    client: httpx.AsyncClient
    person: Customer
    headers: dict[str, str]

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A body of bytes goes as it is, anything else as JSON. Header names are written with underscores."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = {} if body is None else {"content-type": "application/json"}
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return await self.client.request(
            method, f"/api/{path}", content=content, headers={**self.headers, **kind, **told}
        )

    async def get(self, path: str) -> Any:
        return answered(await self("GET", path))

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return answered(await self("POST", path, body), status)

    async def put_in(self, product: ProductView, quantity: int = 1) -> Any:
        return await self.post("orders/cart/add_item/", {"product_id": str(product.id), "quantity": quantity})

    async def orders(self, product: ProductView, quantity: int = 1) -> Any:
        await self.put_in(product, quantity)
        return await self.post("orders/cart/checkout/", {"shipping_address": HOME}, 201)

    async def pays(self, order: Any, card: str = "4242424242424242") -> httpx.Response:
        intent = await self.post("payments/payments/create_intent/", {"order_id": order["id"]})
        body = {"payment_intent_id": intent["payment_intent_id"], "card": card}
        return await self("POST", "payments/sandbox/confirm/", body)


async def a_caller(shop: Shop, client: httpx.AsyncClient, *roles: Role) -> Caller:
    """Somebody new, signed in."""
    person = await shop.customer(f"caller{next(_numbers)}@example.com", *roles)
    async with (await shop.get(Store)).transaction() as tx:
        user = await tx.users.find_by_email(person.email)
    assert user is not None
    token = await a_token(shop.container, user)
    return Caller(client, person, {"authorization": f"Bearer {token}"})


async def a_product(shop: Shop, **fields: Any) -> ProductView:
    """Something new on sale."""
    return await shop.has(f"GOODS-{next(_numbers)}", **fields)


def answered(response: httpx.Response, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and code, after a look at all that a problem must have."""
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem.keys() >= MEMBERS
    assert problem["title"] and problem["detail"] and problem["title"] != problem["code"]
    return response.status_code, problem["code"]


def wrong(response: httpx.Response) -> list[tuple[str, str]]:
    """Pointer and code of each wrong field of a 422."""
    assert refused(response) == (422, "validation-error"), response.text
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]
