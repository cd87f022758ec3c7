"""What the codes of problems and of wrong fields mean, in the languages that the shop speaks (one file each)."""

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

import msgspec

from domain.accounts import LANGUAGES

DEFAULT = LANGUAGES[0]


class Texts(msgspec.Struct, frozen=True):
    problems: dict[str, str]
    fields: dict[str, str]


TEXTS = {
    language: msgspec.json.decode(files(__package__).joinpath(f"{language}.json").read_bytes(), type=Texts)
    for language in LANGUAGES
}


def problem(code: str, language: str = DEFAULT) -> str:
    """A sentence for the problem."""
    return TEXTS[language].problems.get(code) or sentence(code)


def field(code: str, language: str, fallback: str = "") -> str:
    """What is wrong with the field; `fallback` is what who refused it had to say, in English."""
    known = TEXTS[language].fields.get(code)
    return fallback if fallback and (language == DEFAULT or not known) else known or sentence(code)


def sentence(code: str) -> str:
    """What a code without a text says: itself, in words."""
    return f"{code.replace('-', ' ').capitalize()}."


@lru_cache(256)
def preferred(accept_language: str) -> str:
    """The language that suits the header best (RFC 9110, 12.5.4)."""
    return max(_wishes(accept_language), default=(0.0, 0, DEFAULT))[2]


def _wishes(header: str) -> Iterable[tuple[float, int, str]]:
    for place, wish in enumerate(header.split(",")[:20]):
        tag, _, weight = wish.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if language in LANGUAGES and 0 < quality <= 1:
            yield quality, -place, language
