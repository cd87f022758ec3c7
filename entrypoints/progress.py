"""Progress bars for whoever looks at a terminal; nothing for a log."""

from collections.abc import Iterator
from contextlib import contextmanager

from application.ports import Progress


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """A bar on stderr while the block runs; gives the callback that moves it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
