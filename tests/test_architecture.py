"""The rules of the house that no linter knows: what lies where, how it is named, how long it may be."""

import ast
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from inspect import isclass
from pathlib import Path
from types import ModuleType

import pytest

from application import ports
from application.subscriptions import SUBSCRIPTIONS
from domain.accounts import NotAuthenticated
from domain.aggregate import Event
from domain.errors import Conflict, Declined, DomainError, Forbidden, Invalid, NotFound
from domain.money import CurrencyMismatch
from tests.readme import ROOT

FLOORS = ("domain", "application", "adapters", "entrypoints")
SMALL_FILES = {
    "pyproject.toml",
    "Dockerfile",
    "docker-compose.yml",
    "README.md",
    "Makefile",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "requirements.in",
    "requirements.lock",
    "requirements-dev.in",
    "requirements-dev.lock",
}
NOUNS = ("accounts", "catalog", "inventory", "cart", "ordering", "payments")
ABOUT_300 = 320  # lines
LONGER = {Path("application/ports.py"): 360}  # all ports on one page
LONGEST_FUNCTION = 45  # lines; views are long lists of fields
# Rooms are named after what they are for; these name kinds of things.
NO_ROOMS = {"models", "services", "schemas", "utils", "util", "shared", "common", "helpers", "managers", "core", "base"}
NO_NAMES = re.compile(r"(Service|Manager|Impl|DTO|Entity|Helper|Utils?|.Event)$|^I[A-Z][a-z]")
KINDS = (NotFound, Forbidden, Invalid, Conflict, Declined, NotAuthenticated)
NO_KIND = {CurrencyMismatch}  # a mistake in our own code


def sources(*floors: str) -> list[Path]:
    return sorted(path.relative_to(ROOT) for floor in floors for path in ROOT.joinpath(floor).rglob("*.py"))


PRODUCT = sources(*FLOORS)
DOMAIN = [import_module(".".join(path.with_suffix("").parts)) for path in sources("domain") if path.stem != "__init__"]


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path))


def nodes(paths: list[Path], *kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    return ((path, node) for path in paths for node in ast.walk(tree(path)) if isinstance(node, kinds))


def all_of(kind: type, rooms: Sequence[ModuleType] = tuple(DOMAIN)) -> set[type]:
    """The kind's heirs that these modules define."""
    named = (value for room in rooms for value in vars(room).values())
    return {value for value in named if isclass(value) and issubclass(value, kind)} - {kind}


def test_the_top_of_the_repository_holds_the_floors_and_little_else() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a clone of the repository")
    git = ("git", "-c", "safe.directory=*", "ls-files", "-z")
    names = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.rstrip("\0").split("\0")
    top = {name.partition("/")[0] for name in names if not name.startswith(".")}
    assert top == {*FLOORS, "tests", "docs"} | SMALL_FILES


def test_no_room_is_named_after_a_kind_of_thing() -> None:
    assert [path for path in PRODUCT if NO_ROOMS & {*path.parent.parts, path.stem}] == []


@pytest.mark.parametrize("path", sources(*FLOORS, "tests"), ids=str)
def test_the_first_line_of_a_file_says_what_it_is_for(path: Path) -> None:
    if text(path):
        assert text(path).startswith('"""')
    else:
        assert path.name == "__init__.py"


@pytest.mark.parametrize("path", PRODUCT, ids=str)
def test_a_file_has_about_300_lines_at_most(path: Path) -> None:
    assert text(path).count("\n") <= LONGER.get(path, ABOUT_300)


def test_no_function_is_long() -> None:
    functions = nodes(PRODUCT, ast.FunctionDef, ast.AsyncFunctionDef)
    lengths = {f"{path}:{f.name}": f.end_lineno - f.lineno + 1 for path, f in functions}  # type: ignore[attr-defined]
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


def test_annotations_are_there_at_run_time() -> None:
    """msgspec, dishka and Litestar read them."""
    assert [path for path in PRODUCT if "TYPE_CHECKING" in text(path) or "import annotations" in text(path)] == []


def test_classes_are_named_in_the_words_of_the_shop() -> None:
    named = {each.name for _, each in nodes(PRODUCT, ast.ClassDef)}  # type: ignore[attr-defined]
    assert {name for name in named if NO_NAMES.search(name)} == {"StoredEvent"}


@pytest.mark.parametrize("room", ["domain", "application", "adapters/memory", "adapters/postgres", "entrypoints/http"])
@pytest.mark.parametrize("noun", NOUNS)
def test_the_same_noun_names_the_file_on_every_floor(room: str, noun: str) -> None:
    if noun == "inventory" and room in {"application", "entrypoints/http"}:
        return  # nobody asks for stock by itself yet
    assert (ROOT / room / f"{noun}.py").exists() or (ROOT / room / noun / "__init__.py").exists()


def test_the_page_of_subscriptions_names_every_event() -> None:
    assert set(SUBSCRIPTIONS) == all_of(Event)
    assert all(len(set(handlers)) == len(handlers) for handlers in SUBSCRIPTIONS.values())


@pytest.mark.parametrize("event", sorted(all_of(Event), key=str))
def test_an_event_is_frozen_and_told_in_the_past_tense(event: type) -> None:
    assert event.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert re.search(r"(ed|Paid)$", event.__name__)


def test_a_refusal_is_of_a_known_kind_and_has_a_code_of_its_own() -> None:
    refusals = all_of(DomainError, [*DOMAIN, ports]) - {*KINDS}
    assert {each for each in refusals if not issubclass(each, KINDS)} == NO_KIND
    codes = [vars(each)["code"] for each in refusals if "code" in vars(each)]
    assert len(codes) == len(set(codes)) > 20
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_a_use_case_keeps_nothing_between_two_calls() -> None:
    for path, each in nodes(sources("application"), ast.ClassDef):
        assert isinstance(each, ast.ClassDef)
        is_protocol = any("Protocol" in ast.unparse(base) for base in each.bases)
        called = any(isinstance(node, ast.AsyncFunctionDef) and node.name == "__call__" for node in each.body)
        if called and not is_protocol:
            decorators = [ast.unparse(decorator) for decorator in each.decorator_list]
            assert decorators == ["dataclass(frozen=True, slots=True)"], f"{path}:{each.name}"


def test_no_other_party_is_called_inside_a_transaction() -> None:
    parties = re.compile(r"self\.(gateway|mailer|media|cards|settle|send)\b")
    for path, block in nodes(sources("application"), ast.AsyncWith):
        assert isinstance(block, ast.AsyncWith)
        if ".transaction()" in ast.unparse(block.items[0].context_expr):
            assert not parties.search(ast.unparse(block)), f"{path}:{block.lineno}"
