"""Finding documents by words, forgiving typing errors: a likeness of Meilisearch's, not its measure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.meilisearch.filters import judge

Document = dict[str, Any]

WORD = re.compile(r"[^\W_]+")


class BadQuery(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Index:
    """Documents by their id, and the settings they are searched by."""

    primary_key: str | None
    created_at: str
    updated_at: str
    documents: dict[str, Document] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def fields(self, kind: str) -> list[str]:
        return list(self.settings.get(kind) or [])

    def search(self, query: Mapping[str, Any]) -> dict[str, Any]:
        self._check(query)
        holds = judge(query.get("filter"), self.fields("filterableAttributes"))
        among = query.get("attributesToSearchOn") or self.fields("searchableAttributes")
        ranked = [
            (rank, document)
            for document in self.documents.values()
            if holds(document) and (rank := self._rank(document, words_of(query.get("q") or ""), among)) is not None
        ]
        ranked.sort(key=lambda pair: pair[0])
        found = self._sorted([document for _, document in ranked], query.get("sort") or [])
        offset, limit = query.get("offset", 0), query.get("limit", 20)
        shown, most = query.get("attributesToRetrieve") or ["*"], self._most()
        return {
            "hits": [_only(document, shown) for document in found[offset : min(offset + limit, most)]],
            "query": query.get("q") or "",
            "processingTimeMs": 1,
            "offset": offset,
            "limit": limit,
            "estimatedTotalHits": min(len(found), most),
            **self._facets(found, query.get("facets")),
        }

    def _check(self, query: Mapping[str, Any]) -> None:
        for facet in query.get("facets") or []:
            if facet not in self.fields("filterableAttributes"):
                raise BadQuery("invalid_search_facets", f"Attribute `{facet}` is not filterable.")
        for order in query.get("sort") or []:
            name, _, way = order.partition(":")
            if name not in self.fields("sortableAttributes") or way not in {"asc", "desc"}:
                raise BadQuery("invalid_search_sort", f"Attribute `{name}` is not sortable.")
        for name in query.get("attributesToSearchOn") or []:
            if name not in self.fields("searchableAttributes"):
                raise BadQuery("invalid_search_attributes_to_search_on", f"Attribute `{name}` is not searchable.")

    def _most(self) -> int:
        return int((self.settings.get("pagination") or {}).get("maxTotalHits", 1000))

    def _sorted(self, documents: list[Document], orders: Sequence[str]) -> list[Document]:
        for order in reversed(orders):
            name, _, way = order.partition(":")
            documents.sort(key=lambda document: document[name], reverse=way == "desc")
        return documents

    def _facets(self, documents: Sequence[Document], facets: Sequence[str] | None) -> dict[str, Any]:
        if facets is None:
            return {}
        most = (self.settings.get("faceting") or {}).get("maxValuesPerFacet", 100)
        counted: dict[str, dict[str, int]] = {facet: {} for facet in facets}
        for facet, counts in counted.items():
            for document in documents:
                value = document.get(facet)
                for one in value if isinstance(value, list) else [value] * (value is not None):
                    word = str(one).lower() if isinstance(one, bool) else str(one)
                    counts[word] = counts.get(word, 0) + 1
            for word in sorted(counts, key=lambda word: -counts[word])[most:]:
                del counts[word]
        numbers = {facet: list(map(float, counts)) for facet, counts in counted.items() if _are_numbers(counts)}
        stats = {facet: {"min": min(found), "max": max(found)} for facet, found in numbers.items()}
        return {"facetDistribution": counted, "facetStats": stats}

    def _rank(self, document: Document, wanted: Sequence[str], among: Sequence[str]) -> tuple[Any, ...] | None:
        """Lower is better: typing errors, how weighty the attribute, whether whole words matched. None: no match."""
        exact = set((self.settings.get("typoTolerance") or {}).get("disableOnAttributes", []))
        total = [0, 0, 0]
        for number, word in enumerate(wanted):
            is_last = number == len(wanted) - 1
            fits = [
                (errors, place, int(held != word))
                for place, name in enumerate(among)
                for held in words_of(_text(document.get(name)))
                if (errors := self._errors(word, held, is_last, name in exact)) is not None
            ]
            if not fits:
                return None
            total = [sum(pair) for pair in zip(total, min(fits), strict=True)]
        tie = -document.get("popularity", 0), -document.get("created_order", 0)
        return (*total, *tie)

    def _errors(self, wanted: str, held: str, is_prefix: bool, is_exact: bool) -> int | None:
        if held == wanted or (is_prefix and held.startswith(wanted)):
            return 0
        if is_exact or any(character.isdigit() for character in wanted):
            return None
        sizes = (self.settings.get("typoTolerance") or {}).get("minWordSizeForTypos") or {}
        most = (len(wanted) >= sizes.get("oneTypo", 5)) + (len(wanted) >= sizes.get("twoTypos", 9))
        compared = [held, *([held[: len(wanted) + extra] for extra in (-1, 0, 1)] if is_prefix else [])]
        errors = min(distance(wanted, one) for one in compared) + (wanted[:1] != held[:1])
        return errors if errors <= most else None


def words_of(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    return WORD.findall("".join(character for character in plain if not unicodedata.combining(character)))


def distance(one: str, other: str) -> int:
    """Insertions, deletions, substitutions, and swapped neighbours."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "")


def _only(document: Document, names: Sequence[str]) -> Document:
    return document if "*" in names else {name: value for name, value in document.items() if name in names}


def _are_numbers(words: Iterable[str]) -> bool:
    told = list(words)
    return bool(told) and all(re.fullmatch(r"-?\d+(\.\d+)?", word) for word in told)
