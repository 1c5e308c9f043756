"""The lines that the book's networks print.  No other module of this room prints."""

from collections.abc import Callable, Sequence
from typing import Any


def say(line: str = "") -> None:
    """Print a line of progress at once, so that a pipe gets it when the epoch ends."""
    print(line, flush=True)  # noqa: T201  (printing is its purpose)


def monitor(looks: Sequence[tuple[bool, str, Callable[[], Any]]], seen: Sequence[list[Any]]) -> None:
    """For each look (wanted, line, find) that is wanted, add the result of `find` to its list of `seen`, and print it.

    Examples
    --------
    >>> seen = [[], []]
    >>> monitor([(True, "Cost on training data: {}", lambda: 0.25), (False, "{}", lambda: 0)], seen)
    Cost on training data: 0.25
    >>> seen
    [[0.25], []]
    """
    for (wanted, line, find), values in zip(looks, seen, strict=True):
        if wanted:
            values.append(find())
            say(line.format(values[-1]))
