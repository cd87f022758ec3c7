"""Which known word was meant by one that nothing is called by."""

from collections.abc import Iterable

SHORT, LONG = 3, 8  # letters: up to SHORT nothing is corrected, from LONG on two errors are
SURE_OF_FIRST = 6  # letters from which on the first may be wrong, too


def errors_allowed(word: str) -> int:
    return 0 if len(word) <= SHORT or not word.isalpha() else 2 if len(word) >= LONG else 1


def meant(word: str, known: Iterable[str], *, beginning: bool = False) -> str | None:
    """The nearest of the known words, if it is near enough; of a beginning, the one that goes on from the nearest."""
    allowed = errors_allowed(word)
    known = [one for one in known if _begin_alike(word, one)]
    if not allowed:
        return None
    whole = min(((errors(word, one), *_unlike(word, one), one) for one in known), default=None)
    if whole is not None and whole[0] <= allowed:
        return whole[-1]
    if not beginning:
        return None
    begun = min(((_errors_so_far(word, one), *_unlike(word, one), one) for one in known), default=None)
    return begun[-1] if begun is not None and begun[0] <= allowed else None


def errors(word: str, other: str) -> int:
    """Letters added, dropped, changed, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        above, before, row = before, row, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == against:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _errors_so_far(word: str, other: str) -> int:
    """Against the beginnings of the other word that are about as long."""
    ends = range(len(word) - 1, min(len(word) + 1, len(other)) + 1)
    return min((errors(word, other[:end]) for end in ends), default=len(word))


def _begin_alike(word: str, other: str) -> bool:
    """A short word with another first letter is another word, unless the first two were swapped."""
    return len(word) >= SURE_OF_FIRST or word[:1] == other[:1] or word[:2] == other[1::-1]


def _unlike(word: str, other: str) -> tuple[bool, int]:
    """What tells apart words of equally many errors."""
    return word[:1] != other[:1], abs(len(word) - len(other))
