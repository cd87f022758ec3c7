"""How well a product fits the words of a query. PostgreSQL's statement scores by the same rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from application.search.words import Word, folded, stems, tokens


@dataclass(frozen=True, slots=True)
class Told:
    """What a product is found by, in words with their stems, as far as the machine has no index of its own."""

    name: str  # folded
    skus: frozenset[str]  # in lower case
    called: frozenset[str]
    shelved: frozenset[str]  # its tags and categories
    numbered: frozenset[str]  # SKUs and what the variants are
    described: frozenset[str]
    exactly: frozenset[str]  # of name, tags and categories, as written

    @property
    def all(self) -> frozenset[str]:
        return self.called | self.shelved | self.numbered | self.described


def told(name: str, skus: Iterable[str], shelves: Iterable[str], attributes: Iterable[str], description: str) -> Told:
    codes, over = list(skus), list(shelves)
    return Told(
        name=folded(name),
        skus=frozenset(code.lower() for code in codes),
        called=frozenset(tokens(name)),
        shelved=frozenset(tokens(*over)),
        numbered=frozenset(tokens(*codes, *attributes)),
        described=frozenset(tokens(description)),
        exactly=frozenset(tokens(name, *over, stemmed=False)),
    )


def matches(product: Told, words: Sequence[Word]) -> bool:
    known = product.all
    return all(has(known, word) for word in words)


def score(product: Told, words: Sequence[Word], typed: str, *, in_stock: bool) -> int:
    """Best first: called or numbered just so; the phrase in the name; the very words in name, tags or categories; all
    words in the name; begun in it; in tags and categories. Among equals short names, and what is there.
    """
    phrase = " ".join(word.folded for word in words)
    shown = product.called | product.shelved
    signs = (
        product.name == phrase or typed.strip().lower() in product.skus,
        f" {phrase} " in f" {product.name} ",
        all(product.exactly & set(word.spellings) for word in words),
        all(has(product.called, word, whole=True) for word in words),
        all(has(product.called, word) for word in words),
        all(has(shown, word) for word in words),
    )
    fit = sum(sign << place for place, sign in enumerate(reversed(signs), 1))
    return fit * 32 + (15 - min(len(product.name.split()), 15)) * 2 + in_stock


def has(known: frozenset[str], word: Word, *, whole: bool = False) -> bool:
    wanted = {*word.spellings, *stems(word.spellings)}
    if known & wanted:
        return True
    return word.is_last and not whole and any(one.startswith(word.spellings) for one in known)
