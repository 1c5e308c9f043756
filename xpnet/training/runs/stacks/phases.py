"""Phases: which networks of a stack take how many steps of which size, when their training sets differ in size."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple


class Phase(NamedTuple):
    """Steps that neighboring networks of a stack take together."""

    first: int  # the networks from `first` up to `last`
    last: int
    start: int  # the place in the epoch of the first row
    steps: int
    m: int  # rows a step


def phases(sizes: list[int], batch_size: int) -> Iterator[Phase]:
    """Yield the phases of an epoch: each network takes its whole mini-batches, and then its short last one.

    Parameters
    ----------
    sizes : list of int
        How many rows each network trains on, from the most to the fewest.
    batch_size : int

    Examples
    --------
    >>> for phase in phases([25, 25, 20], 10):
    ...     print(phase)
    Phase(first=0, last=3, start=0, steps=2, m=10)
    Phase(first=0, last=2, start=20, steps=1, m=5)
    """
    done = 0
    for steps in sorted({n // batch_size for n in sizes} - {0}):
        last = sum(n // batch_size >= steps for n in sizes)
        yield Phase(0, last, done * batch_size, steps - done, batch_size)
        done = steps
    for first, last, n in runs(sizes):
        if n % batch_size:
            yield Phase(first, last, n - n % batch_size, 1, n % batch_size)


def runs(sizes: list[int]) -> Iterator[tuple[int, int, int]]:
    """Yield the first index, the end and the value of each run of equal sizes.

    Examples
    --------
    >>> list(runs([25, 25, 20]))
    [(0, 2, 25), (2, 3, 20)]
    """
    first = 0
    for size, run in groupby(sizes):
        last = first + len(list(run))
        yield first, last, size
        first = last
