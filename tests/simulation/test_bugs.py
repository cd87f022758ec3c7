"""A simulation that finds nothing proves nothing: each of these mistakes must be found."""

import pytest

from tests.simulation.bugs import BUGS, Bug
from tests.simulation.running import simulate

WITHIN = 60  # seeds


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_bug_put_in_on_purpose_is_found(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    assert any(simulate(seed).violations for seed in range(1, WITHIN + 1))
