"""Meilisearch's filter expressions, as far as a shop needs them: read strictly, and judged of a document."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Judge = Callable[[Mapping[str, Any]], bool]

TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<word>[\w.\-]+)|(?P<mark>[!<>]=|[=<>()\[\],]))""",
    re.DOTALL,
)
ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"'}
KEYWORDS = {"AND", "OR", "NOT", "IN", "TO", "EXISTS", "IS", "NULL", "EMPTY", "CONTAINS", "STARTS", "WITH"}
COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


class BadFilter(Exception):
    """It cannot be read, or names what is not filterable."""


def judge(filter: Any, filterable: Sequence[str]) -> Judge:
    """A string, or an array: its members all hold, of an array in it any. None holds of everything."""
    if filter is None:
        return lambda _: True
    if isinstance(filter, str):
        return Reader(filter, filterable).whole()
    if not isinstance(filter, list):
        raise BadFilter(f"Invalid syntax for the filter parameter: {filter!r}")
    every = [
        _any([judge(one, filterable) for one in part]) if isinstance(part, list) else judge(part, filterable)
        for part in filter
    ]
    return lambda document: all(one(document) for one in every)


class Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, filterable: Sequence[str]) -> None:
        self._tokens = list(_tokens(text))
        self._filterable = filterable

    def whole(self) -> Judge:
        read = self._either()
        if self._tokens:
            raise BadFilter(f"Found unexpected characters at the end of the filter: {self._tokens[0][1]!r}")
        return read

    def _either(self) -> Judge:
        parts = [self._both()]
        while self._take("word", "OR"):
            parts.append(self._both())
        return _any(parts)

    def _both(self) -> Judge:
        parts = [self._one()]
        while self._take("word", "AND"):
            parts.append(self._one())
        return lambda document: all(part(document) for part in parts)

    def _one(self) -> Judge:
        if self._take("word", "NOT"):
            denied = self._one()
            return lambda document: not denied(document)
        if self._take("mark", "("):
            inner = self._either()
            self._must("mark", ")")
            return inner
        return self._condition()

    def _condition(self) -> Judge:
        field = self._value()
        if field not in self._filterable:
            raise BadFilter(f"Attribute `{field}` is not filterable.")
        if self._take("word", "EXISTS"):
            return lambda document: field in document
        if self._take("word", "IN"):
            wanted = self._list()
            return lambda document: any(_equal(held, value) for held in _held(document, field) for value in wanted)
        kind, mark = self._tokens.pop(0) if self._tokens else ("", "")
        if kind != "mark" or mark not in {"=", "!=", *COMPARED}:
            raise BadFilter(f"Was expecting an operation at {mark!r}")
        value = self._value()
        if mark in COMPARED:
            return _compared(field, mark, value)
        return lambda document: any(_equal(held, value) for held in _held(document, field)) is (mark == "=")

    def _list(self) -> list[str]:
        self._must("mark", "[")
        values: list[str] = []
        while not self._take("mark", "]"):
            values.append(self._value())
            if not self._take("mark", ","):
                self._must("mark", "]")
                break
        return values

    def _value(self) -> str:
        kind, text = self._tokens.pop(0) if self._tokens else ("", "nothing")
        if kind == "quoted":
            return _unescaped(text[1:-1])
        if kind == "word" and text not in KEYWORDS:
            return text
        raise BadFilter(f"Was expecting a value but instead got {text!r}")

    def _take(self, kind: str, text: str) -> bool:
        if self._tokens[:1] == [(kind, text)]:
            self._tokens.pop(0)
            return True
        return False

    def _must(self, kind: str, text: str) -> None:
        if not self._take(kind, text):
            raise BadFilter(f"Was expecting {text!r}")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise BadFilter(f"Found unexpected characters: {text[at:]!r}")
        kind = str(match.lastgroup)
        yield kind, match[kind]
        at = match.end()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", _escaped, text, flags=re.DOTALL)


def _escaped(match: re.Match[str]) -> str:
    if match[1] not in ESCAPED:
        raise BadFilter(f"Malformed value: {match[0]!r}")
    return ESCAPED[match[1]]


def _held(document: Mapping[str, Any], field: str) -> list[Any]:
    value = document.get(field)
    return value if isinstance(value, list) else [value]


def _equal(held: Any, value: str) -> bool:
    """As Meilisearch does: without regard to case and to spaces at the ends; numbers by their worth."""
    if isinstance(held, bool):
        return value == ("true" if held else "false")
    if isinstance(held, int | float):
        return _number(value) == held
    return isinstance(held, str) and held.strip().lower() == value.strip().lower()


def _compared(field: str, mark: str, value: str) -> Judge:
    number, holds = _number(value), COMPARED[mark]
    if number is None:
        raise BadFilter(f"The `{mark}` operation expects a number, not {value!r}")
    return lambda document: any(
        isinstance(held, int | float) and holds(held, number) for held in _held(document, field)
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _any(parts: Sequence[Judge]) -> Judge:
    return lambda document: any(part(document) for part in parts)
