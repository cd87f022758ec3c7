"""The seal: what it keeps from whom, and what changing the shop's secret does to it."""

import pytest

from adapters.security.seal import CLOSED, AesSeal
from application.sealing import SealBroken

OLD, NEW = "the shop's secret of last year..", "the shop's secret of this year.."
SECRET = b"pi_1_secret_of_somebody"


def test_what_is_closed_opens_in_its_place_alone() -> None:
    seal = AesSeal(NEW)
    sealed = seal.close(SECRET, "intent:1")
    assert seal.open(sealed, "intent:1") == SECRET
    assert SECRET not in sealed
    assert sealed.startswith(seal.mark) and seal.mark.startswith(CLOSED)
    with pytest.raises(SealBroken):
        seal.open(sealed, "intent:2")


def test_the_same_secret_never_looks_the_same() -> None:
    seal = AesSeal(NEW)
    assert len({seal.close(SECRET, "intent:1") for _ in range(100)}) == 100


def test_a_former_secret_opens_and_the_newest_closes() -> None:
    sealed = AesSeal(OLD).close(SECRET, "intent:1")
    rotated = AesSeal(NEW, [OLD])
    assert rotated.open(sealed, "intent:1") == SECRET
    assert rotated.mark == AesSeal(NEW).mark != AesSeal(OLD).mark
    assert AesSeal(NEW).open(rotated.close(SECRET, "intent:1"), "intent:1") == SECRET
    with pytest.raises(SealBroken):
        AesSeal(NEW).open(sealed, "intent:1")


def test_whatever_was_touched_is_broken() -> None:
    seal = AesSeal(NEW)
    sealed = seal.close(SECRET, "intent:1")
    touched = [sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in range(1, len(sealed))]
    for broken in (*touched, *(sealed[:length] for length in range(1, len(sealed)))):
        with pytest.raises(SealBroken):
            seal.open(broken, "intent:1")


@pytest.mark.parametrize("plain", [b"", b"pi_1_secret", b'{"client_secret":"x"}'])
def test_what_never_was_closed_is_what_it_is(plain: bytes) -> None:
    assert AesSeal(NEW).open(plain, "anything") == plain
