"""A simulation that finds nothing proves nothing: each of these mistakes must be found."""

import pytest

from tests.simulation import bugs
from tests.simulation.running import simulate

WITHIN = 60  # seeds
FIRST: dict[bugs.Bug, int] = {  # where to begin with those that hide longest, for the sake of time
    bugs.pieces_of_a_refund_return_each_time_it_is_sent: 10,
    bugs.late_money_revives_what_somebody_cancelled: 30,
}


@pytest.mark.parametrize("bug", bugs.BUGS, ids=lambda bug: bug.__name__)
def test_a_bug_put_in_on_purpose_is_found(bug: bugs.Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    first = FIRST.get(bug, 1)
    assert any(simulate(seed).violations for seed in range(first, first + WITHIN))
