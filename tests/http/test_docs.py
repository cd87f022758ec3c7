"""The documentation: a description that is true, and pages whose scripts we serve ourselves."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar

from entrypoints.http.app import ROUTES as SHOP_ROUTES
from entrypoints.http.app import build_app
from entrypoints.settings import Settings
from tests.http.conftest import House, container_of


async def description(client: httpx.AsyncClient) -> dict[str, Any]:
    response = await client.get("/api/schema/")
    assert response.headers["content-type"] == "application/json"
    found: dict[str, Any] = response.json()
    return found


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


async def test_the_description_is_openapi_3_1_and_leads_nowhere_astray(client: httpx.AsyncClient) -> None:
    document = await description(client)
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Tradepost"
    for reference in references(document):
        node = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step.replace("~1", "/")]


async def test_paths_are_as_the_contract_writes_them(client: httpx.AsyncClient) -> None:
    document = await description(client)
    assert "/t/things/{id}/" in document["paths"]
    assert "/health/" in document["paths"]
    assert all(path.endswith("/") for path in document["paths"])
    assert not [path for path in document["paths"] if path.startswith(("/static", "/dev", "/problems", "/api/docs"))]


async def test_each_operation_says_who_may_and_what_may_go_wrong(client: httpx.AsyncClient) -> None:
    paths = (await description(client))["paths"]
    assert paths["/t/public/"]["post"]["security"] == []
    assert paths["/t/anybody/"]["get"]["security"] == [{}, {"bearer": []}]
    assert paths["/t/who/"]["get"]["security"] == [{"bearer": []}]
    staff = paths["/t/staff/"]["post"]
    assert staff["security"] == [{"bearer": []}]
    assert {"201", "400", "401", "403", "409", "413", "415", "422", "503", "default"} <= staff["responses"].keys()
    assert staff["responses"]["422"] == {"$ref": "#/components/responses/422"}
    assert "401" not in paths["/t/public/"]["post"]["responses"]
    assert "404" in paths["/t/things/{id}/"]["get"]["responses"]
    assert "400" not in paths["/t/list/"]["get"]["responses"]
    assert "422" in paths["/t/list/"]["get"]["responses"]


async def test_parameters_are_described_with_their_limits(client: httpx.AsyncClient) -> None:
    paths = (await description(client))["paths"]
    found = {parameter["name"]: parameter for parameter in paths["/t/list/"]["get"]["parameters"]}
    assert found.keys() == {"page_size", "cursor", "in_stock", "tag", "limit"}
    size = found["page_size"]
    assert (size["required"], size["schema"]["minimum"], size["schema"]["maximum"]) == (False, 1, 100)
    buying = {parameter["name"] for parameter in paths["/t/buy/"]["post"]["parameters"]}
    assert buying == {"Idempotency-Key"}


async def test_bodies_are_described_as_strictly_as_they_are_read(client: httpx.AsyncClient) -> None:
    document = await description(client)
    wish = document["components"]["schemas"]["Wish"]
    assert wish["required"] == ["name"]
    assert wish["additionalProperties"] is False
    assert document["paths"]["/t/wish/"]["post"]["requestBody"]["required"] is True
    assert document["paths"]["/t/public/"]["post"]["requestBody"]["required"] is False


async def test_unknown_paths_below_the_description_are_problems(client: httpx.AsyncClient) -> None:
    missing = await client.get("/api/schema/openapi.yaml")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")
    assert (await client.get("/api/docs/scalar/")).status_code == 404  # no wheel in the lock carries its script


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/redoc/"])
async def test_the_pages_load_nothing_from_elsewhere(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    csp = page.headers["content-security-policy"]
    assert "script-src 'self';" in csp and "http" not in csp and "unsafe-eval" not in csp
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/")
        part = await client.get(address)
        assert part.status_code == 200, address
        expected = "css" if ".css" in address else "svg" if "favicon" in address else "javascript"
        assert expected in part.headers["content-type"]
        assert "max-age" in part.headers["cache-control"]
        assert len(part.content) > 40


async def test_the_scripts_come_packed_or_plain(client: httpx.AsyncClient) -> None:
    packed = await client.get("/static/docs/redoc.standalone.js", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/static/docs/redoc.standalone.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["nothing.js", "..%2f..%2fmetadata", "swagger-ui-bundle.js.map", "%00"])
async def test_no_other_file_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/docs/{name}")).status_code == 404


# -- the shop's own description


@pytest.fixture
def shop(house: House, wire_settings: Settings) -> Litestar:
    return build_app(wire_settings, container_of(house, wire_settings), SHOP_ROUTES)


async def test_the_shops_description_has_every_route_of_the_contract(shop: Litestar) -> None:
    transport = httpx.ASGITransport(shop)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.get("/api/schema/")
        assert response.status_code == 200
    document = msgspec.json.decode(response.content)
    found = {f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}" for path, method, _ in operations(document)}
    assert {
        "POST /api/auth/register/",
        "POST /api/auth/login/",
        "POST /api/auth/token/refresh/",
        "POST /api/auth/token/verify/",
        "GET /api/auth/users/me/",
        "PATCH /api/auth/users/me/",
        "GET /api/products/products/",
        "POST /api/products/products/",
        "GET /api/products/products/{}/",
        "PATCH /api/products/products/{}/",
        "DELETE /api/products/products/{}/",
        "GET /api/products/products/featured/",
        "GET /api/products/categories/",
        "GET /api/products/categories/{}/",
        "GET /api/products/categories/{}/products/",
        "GET /api/orders/cart/",
        "POST /api/orders/cart/add_item/",
        "PATCH /api/orders/cart/update_item/",
        "DELETE /api/orders/cart/remove_item/",
        "POST /api/orders/cart/clear/",
        "POST /api/orders/cart/checkout/",
        "GET /api/orders/orders/",
        "GET /api/orders/orders/history/",
        "GET /api/orders/orders/{}/",
        "POST /api/orders/orders/{}/cancel/",
        "POST /api/payments/payments/create_intent/",
        "POST /api/payments/sandbox/confirm/",
        "GET /api/payments/payments/{}/",
        "GET /api/health_check/",
        "GET /health/live/",
    } <= found
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert all(operation["tags"] for _, _, operation in operations(document))
