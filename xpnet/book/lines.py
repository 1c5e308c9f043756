"""The book's lines, and the one place of its door that prints."""

from collections.abc import Callable, Sequence
from typing import Any


def say(line: str = "") -> None:
    """Print a line of the book's progress, at once: a pipe should see an epoch when it ends."""
    print(line, flush=True)  # noqa: T201  (printing is what it is for)


def monitor(looks: Sequence[tuple[bool, str, Callable[[], Any]]], seen: Sequence[list[Any]]) -> None:
    """Take each look (wanted, line, find) that is wanted: keep what it finds in its list of `seen`, and say it.

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
