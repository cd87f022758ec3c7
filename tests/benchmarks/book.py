"""What was measured, round by round."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from tests.benchmarks.client import Figure


class Book:
    """Figures by what was done and by whom: the shop, pgbench, the bare app …"""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str], list[Figure]] = defaultdict(list)
        self.hits: list[float] = []  # the part of the visits' reads that was kept, round by round
        self.sold: list[int] = []  # of the article that everybody wanted, round by round

    def note(self, work: str, by: str, figure: Figure) -> None:
        self._figures[work, by].append(figure)

    def all(self) -> Iterable[tuple[tuple[str, str], Sequence[Figure]]]:
        return self._figures.items()

    def knows(self, work: str, by: str) -> bool:
        return (work, by) in self._figures

    def figure(self, work: str, by: str) -> Figure:
        """The medians over the rounds."""
        figures = self._figures[work, by]
        return Figure(
            per_second=median(one.per_second for one in figures),
            refused=sum(one.refused for one in figures),
            p50_ms=_median([one.p50_ms for one in figures]),
            p99_ms=_median([one.p99_ms for one in figures]),
            seconds=_median([one.seconds for one in figures]),
        )

    def spread(self, work: str, by: str) -> tuple[float, float]:
        """The slowest and the fastest round, per second."""
        rates = [one.per_second for one in self._figures[work, by]]
        return min(rates), max(rates)

    def ratio(self, work: str, ours: str, theirs: str) -> float:
        """The median of each round's ratio: what disturbs a round disturbs both."""
        pairs = zip(self._figures[work, ours], self._figures[work, theirs], strict=True)
        return median(a.per_second / b.per_second for a, b in pairs)


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
