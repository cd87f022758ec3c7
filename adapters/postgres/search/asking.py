"""The words of a query as PostgreSQL looks for them: which it knows, which were meant, and how well each match fits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import asyncpg

from adapters.postgres.database import statement
from application.search.spelling import meant
from application.search.words import Word, folded


@dataclass(frozen=True, slots=True)
class Asked:
    """A word with the stem that the text search gives it; "" for one that means nothing, such as "the"."""

    word: Word
    stem: str

    def lexemes(self, weights: str = "", *, whole: bool = False, exact: bool = False) -> str:
        """As part of a tsquery: any of its spellings, in what has one of the weights. All are letters and digits.

        `whole` takes it for no beginning, `exact` for no other form of the word either.
        """
        begun = "*" if self.word.is_last and not whole and not exact else ""
        told = [f"'{each}':{begun}{weights}" for each in self.word.spellings]
        stems = [f"'{self.stem}':{weights}"] if self.stem and not exact else []
        return f"({' | '.join(dict.fromkeys(each.rstrip(':') for each in (*told, *stems)))})"


@dataclass(frozen=True, slots=True)
class Understood:
    """The words to look for, and how they read where some are not those that were typed."""

    words: tuple[Asked, ...]
    phrase: str  # folded
    corrected: str | None = None

    def query(self, weights: str = "", *, whole: bool = False, exact: bool = False) -> str:
        """The tsquery for products that have all words."""
        return " & ".join(word.lexemes(weights, whole=whole, exact=exact) for word in self.words)


async def understand(
    connection: asyncpg.Connection, words: Sequence[Word], *, active: bool = True
) -> Understood | None:
    """None where a word is unknown, and nothing like it is known among active products, or among the others."""
    rows = await connection.fetch(
        statement("search_words"),
        [word.folded for word in words],
        [Asked(word, "").lexemes() for word in words],
        active,
    )
    found: list[Asked] = []
    shown: list[str] = []
    for word, (stem, known, candidates, split) in zip(words, rows, strict=True):
        instead = _known(word, stem) if known else _like(word, candidates, split)
        if instead is None and stem != []:
            return None
        found += [asked for asked, _ in instead or ()]
        shown += [text for _, text in instead or ((None, word.folded),)]
    if not found:  # nothing but words that say little: then they are all there is to go by
        found = [Asked(word, "") for word in words]
    phrase = " ".join(asked.word.folded for asked in found)
    is_corrected = not all(known or stem == [] for stem, known, *_ in rows)
    return Understood(tuple(found), phrase, " ".join(shown) if is_corrected else None)


def _known(word: Word, stem: list[str] | None) -> list[tuple[Asked, str]]:
    return [(Asked(word, stem[0]), word.folded)] if stem else []


def _like(word: Word, candidates: Iterable[str], split: list[str] | None) -> list[tuple[Asked, str]] | None:
    """The known word that was meant, or the two that were written as one."""
    stems = {known: (stem, shown) for known, stem, shown in (each.split(" ", 2) for each in candidates)}
    chosen = meant(word.folded, stems, beginning=word.is_last)
    if chosen is not None:
        stem, shown = stems[chosen]
        return [(Asked(replace(word, spellings=(chosen,)), stem), shown)]
    return [(Asked(Word((folded(each),)), ""), each) for each in split] if split else None
