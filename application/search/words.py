"""Words as they are compared: without accents, cases and signs. The database's `folded` does the same to products."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_WORDS = 10  # of a query; what follows is not looked at
LONGEST_WORD = 40
IDLE = frozenset("a an and are as at by for from in into is it its my of on or our the their this to with your".split())

SIGNS = re.compile(r"[\W_]+")
APOSTROPHES = re.compile(r"['’]")
# Letters that are no letter with an accent, so that taking accents off does not help.
LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: how it may be spelt. `is_last` may be a beginning, since it is being typed."""

    spellings: tuple[str, ...]
    is_last: bool = False

    @property
    def folded(self) -> str:
        return self.spellings[0]


def folded(text: str) -> str:
    """Plain words, parted by one space."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).lower().translate(LETTERS))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return SIGNS.sub(" ", APOSTROPHES.sub("", bare)).strip()


def respelt(text: str) -> str:
    """Folded the other way: Küche is kuche and kueche."""
    return folded(unicodedata.normalize("NFC", text).lower().translate(UMLAUTS))


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a query. The last one is taken for a beginning."""
    told = [spelling for part in text.split() for spelling in _spelt(part)][:MOST_WORDS]
    return tuple(Word(spellings, number == len(told)) for number, spellings in enumerate(told, 1))


def tokens(*texts: str, stemmed: bool = True) -> set[str]:
    """All words in the texts, in all their spellings, and their singulars."""
    told = {word for text in texts for word in (*folded(text).split(), *respelt(text).split())}
    return told | set(stems(told)) if stemmed else told


def stems(words: Iterable[str]) -> Iterator[str]:
    """Without the ending of a plural; for machines that know no grammar."""
    for word in words:
        if len(word) > 4 and word.endswith("ies"):
            yield f"{word[:-3]}y"
        elif len(word) > 4 and word.endswith(("ses", "xes", "zes", "ches", "shes")):
            yield word[:-2]
        elif len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
            yield word[:-1]


def _spelt(part: str) -> Iterator[tuple[str, ...]]:
    """What one piece between spaces says; more than one word where signs part it."""
    plain, other = folded(part).split(), respelt(part).split()
    for number, word in enumerate(plain):
        respelling = other[number] if len(other) == len(plain) else word
        told = dict.fromkeys((word, respelling, *_of_plural(word)))
        yield tuple(each[:LONGEST_WORD] for each in told)


def _of_plural(word: str) -> tuple[str, ...]:
    """Shelves are of shelf, knives of knife; the other plurals are the stemmer's."""
    return (f"{word[:-3]}f", f"{word[:-3]}fe") if len(word) > 4 and word.endswith("ves") else ()
