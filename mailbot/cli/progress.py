"""How far a long piece of work is: a bar on stderr where that is a terminal, else nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Gives `update(done, total)`; a total of 0 is an unknown one. The bar is gone when the work is done."""
    if not sys.stderr.isatty():
        yield _nothing
        return
    # Imported here: what shows nothing must not pay for it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total or None)


def _nothing(_done: int, _total: int) -> None:
    """Nobody watches."""
