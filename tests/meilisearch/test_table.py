"""The table of paths, held against Meilisearch's own description where that is at hand (MEILI_OPENAPI names it)."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tests.data.meilisearch_paths import PATHS, Answered, ResponseError, Told

DESCRIPTION = os.environ.get("MEILI_OPENAPI", "")
# Named otherwise there, or described for another use of the path.
NAMES = {"Settings": "Settings_Unchecked", "Documents": "PaginationView_Value"}
ERRATA = {("SearchQuery", "facets"), ("SearchQueryWithIndex", "facets")}  # a list, not an object of patterns

pytestmark = pytest.mark.skipif(
    not DESCRIPTION, reason="MEILI_OPENAPI names no description of Meilisearch's: the table was not compared with it"
)


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(Path(DESCRIPTION).read_text(encoding="utf-8"))
    return told


def structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    """The bodies that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for each in msgspec.structs.fields(kind):
            yield from structs(each.type)
    else:
        for part in get_args(kind):
            yield from structs(part)


def bodies() -> list[type[msgspec.Struct]]:
    found = {each: None for path in PATHS for kind in (path.takes, path.answers) for each in structs(kind)}
    return [*found, ResponseError]


def properties(api: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Of a schema and those that it is put together from."""
    if "$ref" in schema:
        return properties(api, api["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for part in (*schema.get("allOf", ()), *(schema.get("oneOf", ()) if "properties" not in schema else ())):
        found |= properties(api, part)
    return found


def required(api: Mapping[str, Any], schema: Mapping[str, Any]) -> set[str]:
    if "$ref" in schema:
        return required(api, api["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return {*schema.get("required", ())}.union(*(required(api, part) for part in schema.get("allOf", ())))


def kinds(api: Mapping[str, Any], schema: Mapping[str, Any]) -> set[str]:
    """JSON's names for what may stand there; empty for anything."""
    if "$ref" in schema:
        return kinds(api, api["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    found = {schema["type"]} if isinstance(schema.get("type"), str) else set(schema.get("type", ()))
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        found |= kinds(api, part)
    if "enum" in schema and not found:
        found = {"null" if each is None else "string" for each in schema["enum"]}
    return found


def told_items(told: Mapping[str, Any]) -> Mapping[str, Any]:
    arrays = [part for part in (told, *told.get("anyOf", ())) if part.get("type") == "array"]
    return arrays[0].get("items", {}) if arrays else {}


def fits(ours: set[str], theirs: set[str]) -> bool:
    """Where they say nothing, anything does."""
    return not theirs or ours <= theirs | ({"integer"} if "number" in theirs else set())


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.method} {path.path}")
def test_every_path_is_described(api: dict[str, Any], path: Any) -> None:
    told = api["paths"][path.path][path.method.lower()]
    assert str(path.status) in told["responses"]
    assert path.query <= {each["name"] for each in told.get("parameters", ()) if each["in"] == "query"}
    assert (path.takes is None) == ("requestBody" not in told)


@pytest.mark.parametrize("body", bodies() if DESCRIPTION else [], ids=lambda body: body.__name__)
def test_every_field_is_described_and_of_that_type(api: dict[str, Any], body: type[msgspec.Struct]) -> None:
    name = body.__name__
    schema = api["components"]["schemas"][NAMES.get(name, name)]
    described = properties(api, schema)
    (_,), ours = msgspec.json.schema_components([body], ref_template="#/components/schemas/{name}")
    mine = {"components": {"schemas": ours}}
    for field, told in ours[name]["properties"].items():
        assert field in described, f"{name}.{field}"
        if (name, field) not in ERRATA:
            assert fits(kinds(mine, told), kinds(api, described[field])), f"{name}.{field}"
            items, theirs = told_items(told), described[field].get("items", {})
            assert fits(kinds(mine, items), kinds(api, theirs)), f"{name}.{field}[]"
    if issubclass(body, Told):
        assert {*ours[name].get("required", ())} == required(api, schema)
    else:
        assert issubclass(body, Answered)
        assert required(api, schema) <= {*ours[name].get("required", ())}
