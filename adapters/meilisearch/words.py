"""What may stand in a filter: values spelt so that nothing in them can be an operator, a quote or an escape."""

import re
from collections.abc import Iterable
from hashlib import blake2b

PLAIN = re.compile(r"[^a-z0-9-]")
SPELT = re.compile(r"_([0-9a-f]+)_")
LONGEST = 220  # characters; Meilisearch cuts what it filters by at 468 bytes, and two make an attribute
SHORTENED = "_x_"  # never part of a spelling: x is no hexadecimal digit


def spelt(text: str) -> str:
    """The text in a-z, 0-9, - and _ alone; two texts are never spelt alike.

    Meilisearch compares without regard to case, spaces at the ends and compatibility forms; the shop does not. And
    some of its versions misread escaped quotes and backslashes: so none are ever sent.
    """
    written = PLAIN.sub(lambda match: f"_{ord(match[0]):x}_", text)
    if len(written) <= LONGEST:
        return written
    return SHORTENED + blake2b(text.encode(), digest_size=24).hexdigest()


def read(word: str) -> str | None:
    """The text that was spelt so; None where it was too long to be kept."""
    if word.startswith(SHORTENED):
        return None
    return SPELT.sub(lambda match: chr(int(match[1], 16)), word)


def combined(pairs: Iterable[tuple[str, str]]) -> str:
    """One word for attributes that one variant has together, in whatever order they come."""
    told = "\n".join(f"{spelt(name)}={spelt(value)}" for name, value in sorted(pairs))
    return blake2b(told.encode(), digest_size=16).hexdigest()


def quoted(word: str) -> str:
    """As a value in a filter. What `spelt` made needs no escape; this is the second wall."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def one_of(field: str, words: Iterable[str]) -> str:
    return f"{field} IN [{', '.join(map(quoted, words))}]"
