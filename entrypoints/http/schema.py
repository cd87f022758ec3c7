"""The OpenAPI description: what Litestar derives from the routes, made true to what the edge really answers."""

from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi.spec import Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.routes import HTTPRoute
from litestar.typing import FieldDefinition

from entrypoints.http import access

PENDING = "pending:"  # how a Struct is referred to until all of them are known
PROBLEM = {"$ref": "#/components/schemas/Problem"}
BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
CART_TOKEN: list[dict[str, list[str]]] = [{"cart_token": []}]
SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token, or an API key (`tp_…`).",
    },
    "cart_token": {"type": "apiKey", "in": "header", "name": "X-Cart-Token"},
}
MEANINGS = {
    400: "Malformed",
    401: "No token, or a bad one",
    402: "The payment was declined",
    403: "Not allowed",
    404: "Absent, or not yours",
    409: "In conflict with the present state",
    413: "The body is too large",
    415: "The body's media type is not supported",
    422: "Invalid content",
    503: "A part that the request cannot do without is away",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "The same key, route and body again: the first answer again to the byte, with `Idempotent-Replayed: true`, for "
        "24 hours. Another request under it: 422 `idempotency-key-reused`. While the first one has not ended: 409 "
        "`request-in-progress`, with `Retry-After`."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


class WrongField(msgspec.Struct):
    """One thing that is wrong with the input."""

    pointer: str
    code: str
    message: str


class Problem(msgspec.Struct, omit_defaults=True):
    """RFC 9457, with the code's own members beside."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: list[WrongField] = []


class Structs(OpenAPISchemaPlugin):
    """Leaves the shape of Structs to msgspec, who reads and writes them and so knows best."""

    def __init__(self) -> None:
        self.types: list[Any] = []

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        return not field_definition.is_union and field_definition.is_subclass_of(msgspec.Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:
        self.types.append(field_definition.annotation)
        return Schema(title=f"{PENDING}{len(self.types) - 1}")


def describe(app: Litestar, document: dict[str, Any]) -> dict[str, Any]:
    """Litestar's document with msgspec's shapes, and our paths, problems and security in it."""
    types = [*app.plugins.get(Structs).types, Problem]
    found, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    document = _filled(document, list(found))
    components = document.setdefault("components", {})
    components["schemas"] = {**components.get("schemas", {}), **schemas}
    components["securitySchemes"] = SCHEMES
    components["responses"] = {
        str(status): {"description": text, "content": {"application/problem+json": {"schema": PROBLEM}}}
        for status, text in MEANINGS.items()
    }
    paths = {}
    for route in app.routes:
        item = document["paths"].get(route.path_format or "/")
        if item and isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if operation := item.get(method.lower()):
                    _complete(operation, handler.opt, schemas)
            paths[f"{route.path_format.rstrip('/')}/"] = item
    document["paths"] = paths
    return document


def _filled(node: Any, found: list[dict[str, Any]]) -> Any:
    """The same with every pending reference replaced."""
    if isinstance(node, list):
        return [_filled(child, found) for child in node]
    if not isinstance(node, dict):
        return node
    if str(node.get("title", "")).startswith(PENDING):
        return found[int(node["title"].removeprefix(PENDING))]
    # Of Litestar's alternatives more than one may fit: what staff see is what everybody sees, and more.
    return {"anyOf" if name == "oneOf" else name: _filled(child, found) for name, child in node.items()}


def _complete(operation: dict[str, Any], opt: dict[str, Any], schemas: dict[str, Any]) -> None:
    rule = opt[access.OPTION]
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    body = operation.get("requestBody")
    if opt.get("once"):
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    if body:
        _say_what_may_be_absent(body, schemas)
    operation["security"] = _security(rule)
    expected = {
        400: body is not None,
        401: rule is not access.public,
        403: not rule.anybody,
        404: "path" in places or body is not None,
        409: body is not None or bool(opt.get("once")),
        413: body is not None,
        415: body is not None,
        422: body is not None or bool(opt.get("once")) or "query" in places,
        503: True,
    }
    answers = operation["responses"]
    answers.pop("400", None)  # Litestar's own shape of a validation error
    for status in (status for status, is_so in expected.items() if is_so):
        answers.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    answers["default"] = {"description": "Problem", "content": {"application/problem+json": {"schema": PROBLEM}}}


def _security(rule: access.Rule) -> list[dict[str, list[str]]]:
    if rule is access.public:
        return []
    return [*([{}] if rule.anybody else []), *BEARER, *(CART_TOKEN if rule.guest else [])]


def _say_what_may_be_absent(body: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A body of which nothing is required may be left out."""
    for content in body["content"].values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        body["required"] = bool(schemas.get(name, content["schema"]).get("required"))
