"""How often, and how much later, a delivery that failed is tried again."""

from datetime import timedelta
from uuid import UUID

from application.outbox import Patience

AT_ONCE, MIDDLE, LAST = UUID(int=0), UUID(int=512), UUID(int=1023)


def test_the_pause_doubles_from_one_second_to_an_hour() -> None:
    pauses = [Patience().after(attempts, MIDDLE) for attempts in range(1, 20)]
    assert pauses == [timedelta(seconds=min(2**n, 3600)) for n in range(19)]


def test_after_twenty_attempts_it_is_given_up() -> None:
    assert Patience().after(20, MIDDLE) is None


def test_what_failed_together_is_spread_over_half_to_one_and_a_half_of_the_pause() -> None:
    assert Patience().after(4, AT_ONCE) == timedelta(seconds=4)
    assert Patience().after(4, LAST) == timedelta(seconds=8) * (0.5 + 1023 / 1024)


def test_a_lease_outlives_the_handling() -> None:
    assert Patience().lease > Patience().handling
