"""The words of a command line that would set the same options again."""

import argparse
from collections.abc import Collection
from typing import Any

REPEATED = ("missing", "grid")  # flags that take one word each time
UNSAID = ("run", "argv", "usage_error", "default_of", "saves", "data", "dry_run")  # no flags, or none to be said again


def words_again(options: argparse.Namespace, left_out: Collection[str] = ()) -> list[Any]:
    """Return DATA and the flags that differ from their defaults, which ``options.default_of`` tells.

    Examples
    --------
    >>> options = argparse.Namespace(data="x.csv", seed=3, quiet=True, hidden=[30, 20], eta=None)
    >>> options.default_of = {"seed": 0, "quiet": False}.get
    >>> words_again(options, ["quiet"])
    ['x.csv', '--seed', 3, '--hidden', 30, 20]
    """
    words: list[Any] = [options.data]
    for name, value in vars(options).items():
        if name in UNSAID or name in left_out or value == options.default_of(name):
            continue
        flag = f"--{name.replace('_', '-')}"
        if name in REPEATED:
            words += [word for each in value for word in (flag, each)]
        else:
            words += [flag] if value is True else [flag, *(value if isinstance(value, list) else [value])]
    return words
